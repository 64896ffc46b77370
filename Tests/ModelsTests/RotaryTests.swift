import ByteStorage
import Models
import Testing

struct RotaryTests {
  /// Bits of `1 / (theta ** (arange(0, d, 2).float() / d))` in torch 2.15.
  private static let base10000Dimension128: [UInt32] = [
    0x3F80_0000, 0x3F5D_AFD7, 0x3F3F_F911, 0x3F26_3DE0, 0x3F0F_F59A, 0x3EF9_53CF, 0x3ED7_E89B, 0x3EBA_F81B,
    0x3EA1_E89B, 0x3E8C_3504, 0x3E72_D423, 0x3E52_47ED, 0x3E36_1887, 0x3E1D_B040, 0x3E08_8D77, 0x3DEC_7FD6,
    0x3DCC_CCCD, 0x3DB1_5978, 0x3D99_940D, 0x3D84_FE4D, 0x3D66_55C2, 0x3D47_763F, 0x3D2C_BA15, 0x3D15_9348,
    0x3D01_86E3, 0x3CE0_54D2, 0x3CC2_434F, 0x3CA8_398B, 0x3C91_AD39, 0x3C7C_4D33, 0x3C5A_7BF2, 0x3C3D_3311,
    0x3C23_D70A, 0x3C0D_E12D, 0x3BF5_B9B0, 0x3BD4_CA15, 0x3BB8_449C, 0x3B9F_91CC, 0x3B8A_2E77, 0x3B6F_520E,
    0x3B4F_3E38, 0x3B33_770F, 0x3B1B_690D, 0x3B06_946F, 0x3AE9_1528, 0x3AC9_D75C, 0x3AAE_C98E, 0x3A97_5C0E,
    0x3A83_126F, 0x3A63_01E2, 0x3A44_948C, 0x3A2A_3B44, 0x3A13_6A16, 0x39FF_4FAC, 0x39DD_1725, 0x39BF_74D7,
    0x39A5_CB60, 0x398F_9272, 0x3978_A815, 0x3957_53E4, 0x393A_7753, 0x3921_7916, 0x390B_D472, 0x38F2_2CE2,
  ]
  private static let base500000Dimension64: [UInt32] = [
    0x3F80_0000, 0x3F29_E1C6, 0x3EE1_77BC, 0x3E95_9EE3, 0x3E46_93B0, 0x3E03_C6A0, 0x3DAE_E4AD, 0x3D68_1E67,
    0x3D1A_08C8, 0x3CCC_6F49, 0x3C87_A9C3, 0x3C34_0D6D, 0x3BEE_F74F, 0x3B9E_9402, 0x3B52_7720, 0x3B0B_AA41,
    0x3AB9_5D21, 0x3A76_03EA, 0x3A23_418D, 0x39D8_AC81, 0x398F_C8F8, 0x393E_D4F4, 0x38FD_45C3, 0x38A8_126B,
    0x385F_10C4, 0x3814_06CB, 0x37C4_7610, 0x3782_5F34, 0x372D_07A7, 0x36E5_A54D, 0x3698_64A7, 0x364A_41B0,
  ]

  private static func rotary(base: Double) throws -> RotaryConfiguration {
    let object: JSONObject = [
      "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "vocab_size": 100,
      "rope_theta": .number(base),
    ]
    return try TransformerConfiguration(reading: ConfigDocument(.object(object), file: nil)).rotary
  }

  @Test func inverseFrequenciesAreThoseOfTorch() throws {
    let first = try RotaryTests.rotary(base: 10000).inverseFrequencies(headDimension: 128)
    #expect(first.map(\.bitPattern) == RotaryTests.base10000Dimension128)
    let second = try RotaryTests.rotary(base: 500_000).inverseFrequencies(headDimension: 64)
    #expect(second.map(\.bitPattern) == RotaryTests.base500000Dimension64)
  }
}
