// Decodes prompts with llama.cpp's own draft-eagle3 speculation and prints, a JSON line each, the ids and how much was accepted.
//   speculate TARGET.gguf DRAFT.gguf DEPTH TOKENS < prompts (ids of a prompt on a line, spaces between them)
#include "common.h"
#include "llama.h"
#include "log.h"
#include "sampling.h"
#include "speculative.h"

#include <cstdio>
#include <iostream>
#include <sstream>
#include <string>

static void print(const std::vector<llama_token> & ids, int cycles, int drafted, int accepted) {
    std::printf("{\"ids\": [");
    for (size_t i = 0; i < ids.size(); ++i) std::printf("%s%d", i ? ", " : "", ids[i]);
    std::printf("], \"cycles\": %d, \"drafted\": %d, \"accepted\": %d}\n", cycles, drafted, accepted);
    std::fflush(stdout);
}

int main(int argc, char ** argv) {
    if (argc != 5) return 64;
    common_init();
    common_params params;
    params.model.path = argv[1];
    params.speculative.draft.mparams.path = argv[2];
    params.speculative.types = {COMMON_SPECULATIVE_TYPE_DRAFT_EAGLE3};
    params.speculative.draft.n_max = std::stoi(argv[3]);
    params.speculative.draft.n_min = 0;
    params.speculative.draft.p_min = 0.0f;
    params.n_ctx = 1024;
    params.n_batch = 512;
    params.n_parallel = 1;
    params.fit_params = false;
    params.warmup = false;
    params.cache_type_k = params.cache_type_v = GGML_TYPE_F32;
    params.speculative.draft.cache_type_k = params.speculative.draft.cache_type_v = GGML_TYPE_F32;
    params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    params.sampling.temp = 0.0f;
    // Threads that wait for one another by spinning are slow where others compute too.
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1;
    params.speculative.draft.cpuparams.n_threads = params.speculative.draft.cpuparams_batch.n_threads = 1;
    const auto limits = common_speculative_get_output_limits(params.n_batch, 1, params.speculative.draft.n_max);
    params.n_outputs_max = limits.total;
    params.n_outputs_max_per_seq = limits.per_seq;
    const int wanted = std::stoi(argv[4]);

    llama_backend_init();
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words(line);
        llama_tokens prompt;
        for (int id; words >> id;) prompt.push_back(id);
        auto loaded = common_init_from_params(params);
        llama_context * target = loaded->context();
        auto own = params;
        auto drafting = common_base_params_to_speculative(own);
        auto made = common_speculative_init_from_params(drafting, loaded->model(), target);
        own.speculative.draft.ctx_tgt = target;
        own.speculative.draft.ctx_dft = made->context();
        llama_context * other = made->context();
        common_sampler_ptr sampler(common_sampler_init(loaded->model(), own.sampling));
        common_speculative_ptr speculative(common_speculative_init(own.speculative, 1));
        if (!target || !other || !speculative) return 1;
        common_batch start(target);
        for (size_t i = 0; i + 1 < prompt.size(); ++i) start.add(prompt[i], i, 0, false);
        llama_process(target, LLAMA_PROCESS_TYPE_DECODE, start.get());
        if (!common_speculative_process(speculative.get(), start)) return 1;
        llama_token last = prompt.back();
        llama_tokens past(prompt.begin(), prompt.end() - 1), ids, draft;
        common_speculative_begin(speculative.get(), 0, past);
        int cycles = 0, drafted = 0, accepted = 0;
        bool ended = false;
        common_batch batch(target);
        while (!ended && (int) ids.size() < wanted) {
            draft.clear();
            common_speculative_get_draft_params(speculative.get(), 0) = {true, -1, (llama_pos) past.size(), last, &past, &draft};
            common_speculative_draft(speculative.get());
            llama_memory_seq_rm(llama_get_memory(other), 0, past.size(), -1);
            batch.clear();
            batch.add(last, past.size(), 0, true);
            for (size_t i = 0; i < draft.size(); ++i) batch.add(draft[i], past.size() + 1 + i, 0, true);
            llama_process(target, LLAMA_PROCESS_TYPE_DECODE, batch.get());
            if (!common_speculative_process(speculative.get(), batch)) return 1;
            const auto found = common_sampler_sample_and_accept_n(sampler.get(), target, draft);
            common_speculative_accept(speculative.get(), 0, found.size() - 1);
            cycles += 1;
            drafted += draft.size();
            accepted += found.size() - 1;
            for (llama_token id : found) {
                past.push_back(last);
                last = id;
                ids.push_back(id);
                ended = ended || llama_vocab_is_eog(llama_model_get_vocab(loaded->model()), id);
                if (ended) break;
            }
            llama_memory_seq_rm(llama_get_memory(target), 0, past.size(), -1);
            llama_memory_seq_rm(llama_get_memory(other), 0, past.size(), -1);
        }
        print(ids, cycles, drafted, accepted);
    }
    return 0;
}
