using System.Globalization;
using System.Text;
using ZoPrune.AI.Benchmarks.EndToEnd.Estimators;
using ZoPrune.AI.Benchmarks.EndToEnd.Memory;
using ZoPrune.AI.Benchmarks.EndToEnd.Models;
using ZoPrune.AI.Benchmarks.Native;
using ZoPrune.AI.Benchmarks.Reporting;
using static ZoPrune.AI.Benchmarks.Reporting.Figures;

namespace ZoPrune.AI.Benchmarks.EndToEnd;

/// <summary>Writes the tables.</summary>
internal static class EndToEndReport
{
    private const double MebiByte = 1024 * 1024;

    /// <summary>Renders everything as Markdown.</summary>
    public static string Create(EndToEndOptions options, EndToEndResult result)
    {
        var text = new StringBuilder("# Time to first token, tokens a second, memory\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{MachineDescription.Create()}, {options.Threads} threads for all that is compared. ");
        text.Append(CultureInfo.InvariantCulture, $"Medians of {options.Rounds} rounds ");
        text.Append(CultureInfo.InvariantCulture, $"({EndToEndOptions.Half(options.Rounds)} for next-like and for 1.5b), ");
        text.Append("all that is compared in turn ");
        text.Append("within each round, in one process; clients have answered 40 times (or for 20 seconds) before; ");
        text.Append("ratios are taken within a round, then their median.\n\n");
        text.Append("Made by `dotnet run -c Release --project benchmarks/ZoPrune.AI.Benchmarks -- end-to-end --save`.\n\n");
        text.Append("Models: [SyntheticVlm](../SyntheticVlm/README.md), random weights in the proportions of known models, ");
        text.Append("decoder int4, everything else float32. ");
        text.Append(CultureInfo.InvariantCulture, $"One JPEG of {ModelCase.PictureSide} x {ModelCase.PictureSide} pixels, one question, ");
        text.Append("greedy, nothing reused between calls. The client starts from the encoded picture.\n\n");
        text.Append(SummaryTable.Create(result)).Append('\n');
        AddBare(text, result.Models);
        AddPruning(text, result.Models);
        AddGenAI(text, options, result.Models);
        AddSelection(text, result.Models);
        AddEstimators(text, result.Estimators);
        AddMemory(text, result);
        AddGrowth(text, result);
        return text.ToString();
    }

    private static void AddBare(StringBuilder text, IReadOnlyList<ModelResult> models)
    {
        text.Append("## Against bare sessions\n\n");
        text.Append("*Bare*: one run of the vision graph and one of the decoder over as many tokens, in plain ");
        text.Append("ONNX Runtime sessions of the folder's own graphs, with inputs, logits and KV buffers allocated beforehand: ");
        text.Append("no picture is decoded, no text tokenised, no embedding looked up. The graphs run as they are: the decoder makes logits of ");
        text.Append("all tokens, where the client cuts the head down to the last (the head is 28 %, 9 % and 5 % of the multiplications of the ");
        text.Append("llava-like decoders of 0.1b, 0.5b and 1.5b). That is why a ratio can be below 1.\n\n");
        var table = new MarkdownTable(
            "model",
            "visual tokens",
            "prompt tokens",
            "image ms",
            "vision ms",
            "sensitivity and selection ms",
            "prefill ms",
            "client, first token ms",
            "bare vision ms",
            "bare decoder ms",
            "client / bare");
        foreach (var (model, samples, lengths, _) in models.Where(m => !m.Model.IsCutShort))
        {
            foreach (var kept in model.Budgets)
            {
                table.Row(
                    model.Name,
                    $"{kept} of {model.AllTokens}",
                    $"{lengths[kept]}",
                    Ms(Measures.Image(kept)),
                    Ms(Measures.Vision(kept)),
                    Ms(Measures.Pruning(kept)),
                    Ms(Measures.Prefill(kept)),
                    Ms(Measures.FirstToken(kept)),
                    Ms(Measures.BareVision(kept)),
                    Ms(Measures.BareDecoder(kept)),
                    Ratio(samples.Ratio(Measures.FirstToken(kept), Measures.Bare(kept))));
            }

            string Ms(string name) => Number(samples.Median(name));
        }

        text.Append(table).Append('\n');
    }

    private static void AddPruning(StringBuilder text, IReadOnlyList<ModelResult> models)
    {
        text.Append("## Pruned against unpruned\n\n");
        var table = new MarkdownTable("model", "kept", "first token ms, unpruned", "pruned", "unpruned / pruned", "of the bare sessions");
        foreach (var (model, samples, _, _) in models.Where(m => !m.Model.IsCutShort))
        {
            foreach (var kept in model.Budgets.SkipLast(1))
            {
                table.Row(
                    model.Name,
                    $"{kept} of {model.AllTokens}",
                    Number(samples.Median(Measures.FirstToken(model.AllTokens))),
                    Number(samples.Median(Measures.FirstToken(kept))),
                    Ratio(samples.Ratio(Measures.FirstToken(model.AllTokens), Measures.FirstToken(kept))),
                    Ratio(samples.Ratio(Measures.Bare(model.AllTokens), Measures.Bare(kept))));
            }
        }

        text.Append(table).Append('\n');
    }

    private static void AddGenAI(StringBuilder text, EndToEndOptions options, IReadOnlyList<ModelResult> models)
    {
        text.Append("## Unpruned, against ONNX Runtime GenAI\n\n");
        text.Append("The same folder, cores, threads and ONNX Runtime library, everything kept. *GenAI*: its own processor, ");
        text.Append("sessions and search, as it opens them by itself, from the encoded picture on (release 0.18.0). ");
        text.Append(CultureInfo.InvariantCulture, $"Tokens a second: behind the first of {options.OutputTokens} tokens. ");
        text.Append("Each client is compared in rounds of its own (twice as many for the first), with nothing else in memory.\n\n");
        var table = new MarkdownTable(
            "model", "", "first token ms", "GenAI's", "ratio", "tokens a second", "GenAI's", "ratio");
        foreach (var (model, samples, _, _) in models.Where(m => !m.Model.IsCutShort))
        {
            if (!samples.Has(Measures.GenAIFirstToken(usesGenAI: false)))
            {
                var why = model.OpensInGenAI ? GenAILibrary.WhereToPut : "GenAI does not know this kind";
                table.Row(model.Name, why, "", "", "", "", "", "");
                continue;
            }

            foreach (var usesGenAI in new[] { false, true })
            {
                var (first, rate) = (Measures.PairedFirstToken(usesGenAI), Measures.PairedRate(usesGenAI));
                var (genAIFirst, genAIRate) = (Measures.GenAIFirstToken(usesGenAI), Measures.GenAIRate(usesGenAI));
                table.Row(
                    model.Name,
                    usesGenAI ? "our client, UseOnnxRuntimeGenAI" : "our client, own sessions",
                    Number(samples.Median(first)),
                    Number(samples.Median(genAIFirst)),
                    Ratio(samples.Ratio(first, genAIFirst)),
                    Number(samples.Median(rate)),
                    Number(samples.Median(genAIRate)),
                    Ratio(samples.Ratio(rate, genAIRate)));
            }
        }

        text.Append(table).Append('\n');
    }

    private static void AddSelection(StringBuilder text, IReadOnlyList<ModelResult> models)
    {
        text.Append("## Sensitivity and selection\n\n");
        if (models.Any(measured => measured.Model.IsCutShort))
        {
            text.Append("llava-like 7b-vision has the vision transformer and the projector of LLaVA 1.5 7B in their own widths ");
            text.Append("(CLIP-L, 1,024 to 4,096), and one layer of its decoder: its first token says nothing.\n\n");
        }

        var table = new MarkdownTable(
            "model", "kept", "sensitivity ms", "selection ms", "vision ms", "both / vision", "both / first token");
        foreach (var (model, samples, _, _) in models)
        {
            foreach (var kept in model.Budgets.SkipLast(1))
            {
                table.Row(
                    model.Name,
                    $"{kept} of {model.AllTokens}",
                    Number(samples.Median(Measures.Sensitivity(kept))),
                    Number(samples.Median(Measures.Selection(kept))),
                    Number(samples.Median(Measures.Vision(kept))),
                    Percent(samples.Ratio(Measures.Pruning(kept), Measures.Vision(kept))),
                    model.IsCutShort ? "" : Percent(samples.Ratio(Measures.Pruning(kept), Measures.FirstToken(kept))));
            }
        }

        text.Append(table).Append('\n');
    }

    private static void AddEstimators(StringBuilder text, IReadOnlyList<EstimatorResult> estimators)
    {
        text.Append("## Estimators, against the exact closed form\n\n");
        text.Append("*Spearman*: how alike two estimators rank the visual tokens. *In common*: the share of kept tokens ");
        text.Append("that are the same, the rest of the selection being the default's; in brackets the rule of the paper. Random weights ");
        text.Append("say nothing about learned ones here; PocketVLM's are learned. In eight bits: the default for ");
        text.Append("projectors of 512 hidden units and more (not PocketVLM's 256), where the processor has AVX-VNNI. ");
        text.Append("Means over pictures: one for the models of random weights, those of tests/data/pocket-vlm/eval for PocketVLM; where two ");
        text.Append("scores are all but equal, a single picture's selection can go another way. Medians of 3 rounds.\n\n");
        var table = new MarkdownTable(
        [
            "model",
            "estimator",
            "ms a picture",
            "time against exact",
            "Spearman",
            .. EstimatorBenchmark.KeptShares.Select(share => $"in common, {Percent(share)} kept"),
        ]);
        foreach (var e in estimators)
        {
            table.Row(
            [
                e.Model,
                e.Estimator,
                Number(e.Milliseconds),
                Ratio(e.TimeRatio),
                Correlation(e.Spearman),
                .. e.InCommon.Zip(e.InCommonAsPublished, (usual, published) => $"{Percent(usual)} ({Percent(published)})"),
            ]);
        }

        text.Append(table).Append('\n');
    }

    private static void AddMemory(StringBuilder text, EndToEndResult result)
    {
        text.Append("## Memory\n\n");
        if (result.Memory.Count > 0)
        {
            text.Append("Peak resident memory of a fresh process (`VmHWM`), two calls each. *Sessions*: the folder's three ");
            text.Append("graphs in plain sessions, each run once a call, the decoder over the unpruned prompt; the .NET runtime is in ");
            text.Append("all of them.\n\n");
            var table = new MarkdownTable("model", "", "MiB", "against the sessions");
            foreach (var (model, peaks) in result.Memory)
            {
                foreach (var (memoryCase, peak) in peaks)
                {
                    var ratio = peak / (double)peaks[MemoryCase.Sessions];
                    table.Row(model.Name, NameOf(model, memoryCase), Number(peak / MebiByte), Ratio(ratio));
                }
            }

            text.Append(table).Append('\n');
        }

        var bytes = new MarkdownTable("model", "managed bytes allocated for a decoded token");
        foreach (var model in result.Models)
        {
            if (model.BytesPerToken is { } count)
            {
                bytes.Row(model.Model.Name, count.ToString("F0", CultureInfo.InvariantCulture));
            }
        }

        text.Append(bytes).Append('\n');
    }

    private static void AddGrowth(StringBuilder text, EndToEndResult result)
    {
        if (result.Growth.Count == 0)
        {
            return;
        }

        text.Append("## How cost grows\n");
        foreach (var (file, plot) in result.Growth)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n![{plot.Up}, by {plot.Across}]({file})\n\n{plot.Table()}");
        }
    }

    private static string NameOf(ModelCase model, MemoryCase memoryCase) => memoryCase switch
    {
        MemoryCase.Sessions => "sessions",
        MemoryCase.Client => $"our client, all {model.AllTokens}",
        MemoryCase.ClientPruned => $"our client, {model.Budgets[0]} of {model.AllTokens}",
        MemoryCase.GenAIPipeline => $"GenAI, all {model.AllTokens}",
        _ => $"our client, UseOnnxRuntimeGenAI, all {model.AllTokens}",
    };
}
