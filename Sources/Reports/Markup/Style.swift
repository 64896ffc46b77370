/// The page's style sheet: one column of text, drawings that take the room there is, light, dark and paper.
enum Style {
  static let sheet: StaticString = """
    :root {
      color-scheme: light dark;
      --ground: #fcfcfb; --raised: #ffffff; --ink: #1b2126; --muted: #59646e; --rule: #dde1e4; --track: #eceff1;
      --packed: #1f66ad; --source: #b3560c; --link: #1f66ad;
      --holds: #18794a; --fails: #b3261e; --undecided: #8a5a00; --holds-ground: #e8f4ec; --fails-ground: #fbeae8; --undecided-ground: #fbf1dc;
      --allowed: #dcefe3;
      --shade0: #1f4e82; --shade1: #3d7ab8; --shade2: #77a6d3; --shade3: #a9c7e4; --shade4: #8a4310; --shade5: #c26a2a; --shade6: #dd9a66; --shade7: #edc3a3; --shade8: #98a2ab;
      --tint: 31, 102, 173;
      --sans: ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif;
      --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --ground: #14181c; --raised: #1a1f24; --ink: #e4e8eb; --muted: #9ba6b0; --rule: #2e363d; --track: #262d33;
        --packed: #69aef0; --source: #eca263; --link: #8cc1f5;
        --holds: #62cf94; --fails: #ff8d82; --undecided: #e6b54a; --holds-ground: #16291f; --fails-ground: #331c1a; --undecided-ground: #2e2615;
        --allowed: #1d3a2a;
        --shade0: #3f82c7; --shade1: #69aef0; --shade2: #9bc9f3; --shade3: #c6dff6; --shade4: #c9742f; --shade5: #eca263; --shade6: #f2c39a; --shade7: #f8dfc8; --shade8: #75808a;
        --tint: 105, 174, 240;
      }
    }
    * { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; }
    body { margin: 0 auto; max-width: 66rem; padding: 1.5rem clamp(1rem, 4vw, 2.5rem) 3rem; background: var(--ground); color: var(--ink); font: 16px/1.55 var(--sans); }
    a { color: var(--link); text-underline-offset: 0.15em; }
    a:focus-visible, summary:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
    .skip { position: absolute; left: -99rem; }
    .skip:focus { left: 1rem; top: 0.5rem; background: var(--raised); padding: 0.3rem 0.6rem; }
    code, pre, .token, .share, .generated { font-family: var(--mono); }
    code { font-size: 0.88em; overflow-wrap: anywhere; }
    header { border: 1px solid var(--rule); border-left: 6px solid var(--packed); border-radius: 6px; padding: 1.1rem 1.3rem 1rem; background: var(--raised); }
    header.holds { border-left-color: var(--holds); background: var(--holds-ground); }
    header.fails { border-left-color: var(--fails); background: var(--fails-ground); }
    header.undecided { border-left-color: var(--undecided); background: var(--undecided-ground); }
    header.holds strong { color: var(--holds); } header.fails strong { color: var(--fails); } header.undecided strong { color: var(--undecided); }
    h1 { margin: 0 0 0.4rem; font-size: 1.05rem; font-weight: 600; color: var(--muted); overflow-wrap: anywhere; }
    .verdict { margin: 0 0 0.5rem; font-size: clamp(1.15rem, 1rem + 0.9vw, 1.45rem); line-height: 1.35; }
    header .lead { margin: 0; } .digest { margin: 0.35rem 0 0; font-size: 0.85rem; color: var(--muted); }
    nav ul { display: flex; flex-wrap: wrap; gap: 0.2rem 1.1rem; margin: 1rem 0 0; padding: 0; list-style: none; font-size: 0.92rem; }
    section { margin-top: 2.6rem; }
    h2 { margin: 0 0 0.35rem; padding-top: 0.9rem; border-top: 1px solid var(--rule); font-size: 1.3rem; line-height: 1.3; }
    h3 { margin: 1.4rem 0 0.3rem; font-size: 1.05rem; }
    p { max-width: 46rem; } .lead { margin: 0 0 0.9rem; color: var(--muted); } .note { font-size: 0.88rem; color: var(--muted); }
    .scroll { overflow-x: auto; }
    header p { max-width: none; }
    table.full { width: 100%; } table { min-width: min(100%, 34rem); border-collapse: collapse; font-size: 0.92rem; font-variant-numeric: tabular-nums; }
    caption { text-align: left; padding: 0.9rem 0 0.35rem; font-weight: 600; }
    th, td { padding: 0.36rem 0.9rem 0.36rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--rule); }
    tr > :last-child { padding-right: 0; }
    thead th { color: var(--muted); font-weight: 500; white-space: nowrap; }
    tbody th { font-weight: 400; overflow-wrap: anywhere; min-width: 7.5rem; }
    .number { text-align: right; white-space: nowrap; } .wide { width: 30%; min-width: 7rem; vertical-align: middle; }
    td.plain [data-value] { white-space: nowrap; }
    .mark-holds, .mark-fails, .mark-undecided { white-space: nowrap; font-weight: 600; }
    .mark-holds { color: var(--holds); } .mark-fails { color: var(--fails); } .mark-undecided { color: var(--undecided); }
    .facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); gap: 0.7rem 1.6rem; margin: 0.4rem 0 1.2rem; padding: 0; list-style: none; }
    .facts li { overflow-wrap: anywhere; } .facts b { display: block; font-size: 0.85rem; font-weight: 400; color: var(--muted); }
    dl.commands dt { margin-top: 0.8rem; color: var(--muted); } dl.commands dd { margin: 0.2rem 0 0; }
    pre { margin: 0; padding: 0.6rem 0.8rem; background: var(--track); border-radius: 4px; white-space: pre-wrap; overflow-wrap: anywhere; font-size: 0.86rem; }
    pre code { font-size: inherit; }
    details { margin-top: 0.9rem; } summary { cursor: pointer; color: var(--link); font-size: 0.92rem; }
    .findings { padding-left: 1.4rem; } .findings h3 { margin-top: 0.8rem; } .findings p { margin: 0.2rem 0; overflow-wrap: anywhere; }
    .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 21rem), 1fr)); gap: 1.2rem 2.4rem; }
    figure { margin: 0.6rem 0 0; max-width: 34rem; } figcaption { font-weight: 600; font-size: 0.95rem; margin-bottom: 0.3rem; }
    .legend { display: flex; flex-wrap: wrap; gap: 0.1rem 1.2rem; margin: 0.2rem 0 0; font-size: 0.88rem; color: var(--muted); }
    .key.packed { color: var(--packed); } .key.source { color: var(--source); }
    svg { display: block; width: 100%; }
    svg.chart { height: auto; } svg.bar { height: 0.8rem; margin-top: 0.3rem; border-radius: 2px; } svg.bar.two { height: 1.25rem; margin-top: 0.1rem; }
    svg.strip { height: 1.9rem; border-radius: 4px; } svg.interval { height: 1.7rem; border-radius: 2px; }
    .label { font: 11.5px var(--sans); fill: var(--muted); } .grid line, line.grid { stroke: var(--rule); stroke-width: 1; }
    .line { fill: none; stroke-width: 2.2; stroke-linejoin: round; } .line.packed { stroke: var(--packed); }
    .line.source { stroke: var(--source); stroke-dasharray: 5 4; }
    .mark.packed { fill: var(--packed); } .mark.source { fill: var(--ground); stroke: var(--source); stroke-width: 1.8; }
    .track { fill: var(--track); } rect.packed { fill: var(--packed); } rect.source { fill: var(--source); }
    .allowed { fill: var(--allowed); } .limit { fill: var(--ink); } .range { fill-opacity: 0.55; }
    rect.holds { fill: var(--holds); } rect.fails { fill: var(--fails); } rect.undecided { fill: var(--undecided); }
    .shade0 { fill: var(--shade0); color: var(--shade0); } .shade1 { fill: var(--shade1); color: var(--shade1); }
    .shade2 { fill: var(--shade2); color: var(--shade2); } .shade3 { fill: var(--shade3); color: var(--shade3); }
    .shade4 { fill: var(--shade4); color: var(--shade4); } .shade5 { fill: var(--shade5); color: var(--shade5); }
    .shade6 { fill: var(--shade6); color: var(--shade6); } .shade7 { fill: var(--shade7); color: var(--shade7); }
    .shade8 { fill: var(--shade8); color: var(--shade8); }
    table.grid td { text-align: center; padding: 0.36rem 0.25rem; border: 2px solid var(--ground); min-width: 2.6rem; font-size: 0.86rem; }
    table.grid thead th { text-align: center; padding-right: 0.25rem; } table.grid thead th:first-child { text-align: left; }
    table.grid { min-width: 0; } table.grid td, table.grid th { vertical-align: middle; } table.grid tbody th { font: 0.86rem var(--mono); min-width: 9rem; } .none { color: var(--muted); }
    .tint0 { background: rgba(var(--tint), 0.05); } .tint1 { background: rgba(var(--tint), 0.12); } .tint2 { background: rgba(var(--tint), 0.20); }
    .tint3 { background: rgba(var(--tint), 0.28); } .tint4 { background: rgba(var(--tint), 0.36); } .tint5 { background: rgba(var(--tint), 0.45); }
    .scroll.tree { padding-bottom: 0.4rem; } svg.tree { width: var(--width); height: auto; min-width: var(--width); }
    .link { fill: none; stroke: var(--rule); stroke-width: 1.2; } .link.accepted { stroke: var(--holds); stroke-width: 2.4; }
    .chip { fill: var(--raised); stroke: var(--rule); } .chip.accepted { fill: var(--holds-ground); stroke: var(--holds); stroke-width: 1.6; }
    .fill { fill: var(--packed); } .fill.accepted { fill: var(--holds); }
    .token { font-size: 10.5px; fill: var(--ink); white-space: pre; } .share { font-size: 9px; fill: var(--muted); }
    figure.text { max-width: 52rem; margin-top: 1.1rem; }
    .generated { margin: 0; padding: 0.7rem 0.9rem; background: var(--track); border-radius: 4px; max-width: none; white-space: pre-wrap; overflow-wrap: anywhere; font-size: 0.88rem; line-height: 1.75; }
    .drafted { color: var(--holds); text-decoration-thickness: 2px; text-underline-offset: 0.22em; } .cycle { color: var(--muted); opacity: 0.7; padding: 0 1px; }
    footer { margin-top: 3rem; border-top: 1px solid var(--rule); font-size: 0.85rem; color: var(--muted); }
    @media (max-width: 32rem) {
      body { font-size: 15px; } th, td { padding-right: 0.6rem; } .wide { min-width: 5.5rem; } tbody th { min-width: 6.5rem; }
    }
    @media print {
      :root {
        color-scheme: light;
        --ground: #ffffff; --raised: #ffffff; --ink: #000000; --muted: #444c54; --rule: #c9ced2; --track: #eef0f2;
        --packed: #1f66ad; --source: #b3560c; --link: #000000;
        --holds: #18794a; --fails: #b3261e; --undecided: #8a5a00; --holds-ground: #ffffff; --fails-ground: #ffffff; --undecided-ground: #ffffff;
        --allowed: #dcefe3;
        --shade0: #1f4e82; --shade1: #3d7ab8; --shade2: #77a6d3; --shade3: #a9c7e4; --shade4: #8a4310; --shade5: #c26a2a; --shade6: #dd9a66; --shade7: #edc3a3; --shade8: #98a2ab;
        --tint: 31, 102, 173;
      }
      @page { margin: 16mm 14mm; }
      body { max-width: none; padding: 0; font-size: 10pt; }
      * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
      nav, .skip, details:not([open]) { display: none; }
      section { margin-top: 1.4rem; } h2, h3, caption, figcaption, .lead { break-after: avoid; } tr, figure, header, .findings li { break-inside: avoid; }
      .scroll { overflow: visible; } svg.tree { width: 100%; min-width: 0; max-width: var(--width); } .charts { grid-template-columns: 1fr 1fr; }
      a { color: inherit; text-decoration: none; }
    }
    """
}
