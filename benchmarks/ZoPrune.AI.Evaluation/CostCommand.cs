using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using System.Numerics.Tensors;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Evaluation;

/// <summary>
/// Time to first token of the chat client with and without pruning, and of the least that any such call must do: the vision graph and one
/// decoder run of the same length. All variants take turns within one run, so that ratios hold when the machine's speed drifts.
/// </summary>
internal static class CostCommand
{
    private const int Rounds = 60;
    private const int Warmup = 5;
    private const int AllTokens = 256;
    private const int KeptTokens = 64;

    public static async Task<int> RunAsync()
    {
        await using var provider = Build();
        var client = provider.GetRequiredService<IChatClient>();
        var model = client.GetRequiredService<VisionLanguageModel>();
        var set = EvaluationSet.Load();
        var samples = new Dictionary<string, List<double>>(StringComparer.Ordinal);
        for (var round = 0; round < Warmup + Rounds; round++)
        {
            var picture = set.Pictures[round % set.Pictures.Count];
            var question = picture.Questions[round % picture.Questions.Count].Question;
            foreach (var tokens in round % 2 == 0 ? new[] { AllTokens, KeptTokens } : [KeptTokens, AllTokens])
            {
                var (first, times) = await FirstTokenAsync(client, picture.Bytes, question, tokens);
                Add(round, $"client {tokens}", first);
                Add(round, $"image {tokens}", (times.ImageDecode + times.ImagePreprocess).TotalMilliseconds);
                Add(round, $"vision {tokens}", times.Vision.TotalMilliseconds);
                Add(round, $"sensitivity {tokens}", times.Sensitivity.TotalMilliseconds);
                Add(round, $"selection {tokens}", times.Selection.TotalMilliseconds);
                Add(round, $"prefill {tokens}", times.Prefill.TotalMilliseconds);
                Add(round, $"bare {tokens}", Bare(model, picture.Bytes, question, tokens));
            }
        }

        var text = Report(samples);
        await File.WriteAllTextAsync(Repository.Results("cost.md"), text);
        Console.WriteLine(text);
        return 0;

        void Add(int round, string name, double milliseconds)
        {
            if (round < Warmup)
            {
                return;
            }

            if (!samples.TryGetValue(name, out var list))
            {
                samples.Add(name, list = []);
            }

            list.Add(milliseconds);
        }
    }

    private static ServiceProvider Build()
    {
        var services = new ServiceCollection();

        // Every call is a first call here: nothing of the one before may be reused.
        services.AddZoPruneChatClient(o => o.Caching = new CachingOptions { VisionFeatureBytes = 0, KeyValueBytes = 0 });
        return services.BuildServiceProvider();
    }

    private static async Task<(double Milliseconds, StageTimes Times)> FirstTokenAsync(IChatClient client, byte[] picture, string question, int tokens)
    {
        var message = new ChatMessage(ChatRole.User, [new DataContent(picture, "image/png"), new TextContent(question)]);
        var options = new ChatOptions { MaxOutputTokens = 1 }.WithPruning(p => p.KeepRatio = (double)tokens / AllTokens);
        var start = Stopwatch.GetTimestamp();
        double? first = null;
        StageTimes? times = null;
        await foreach (var update in client.GetStreamingResponseAsync(message, options))
        {
            first ??= Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            times = update.GetStageTimes() ?? times;
        }

        return (first!.Value, times!);
    }

    /// <summary>The vision graph and one decoder run of the same length; preprocessing, selection and tokenising are not counted.</summary>
    private static double Bare(VisionLanguageModel model, byte[] picture, string question, int tokens)
    {
        var image = model.ProcessImage(ImageDecoder.Decode(picture, new ImageLimits(), "picture"));
        var pruner = new TokenPruner(null, new UniformGridSelector(), new TokenBudget { Count = tokens });
        var tokensOfImage = model.EncodeImage(image);
        var kept = pruner.Prune(tokensOfImage.Tokens).Kept;
        var prompt = new ChatPrompt([new ChatTurn("user", [new ImagePart(0), new TextPart(question)])]);
        var encoded = model.EncodePrompt(prompt, [new ImageSelection(tokensOfImage, kept)]);

        var start = Stopwatch.GetTimestamp();
        var selection = new ImageSelection(model.EncodeImage(image, method: null), kept);
        using var decoding = model.Prefill(encoded, [selection], 1);
        _ = TensorPrimitives.IndexOfMax<float>(decoding.Logits);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static string Report(Dictionary<string, List<double>> samples)
    {
        var text = new StringBuilder("# Cost on the bundled model\n\n");
        text.AppendLine(CultureInfo.InvariantCulture, $"Medians of {Rounds} rounds, all variants in turn within one process. {Environments.Describe()}").AppendLine();
        text.AppendLine("Made by `dotnet run -c Release --project benchmarks/ZoPrune.AI.Evaluation -- cost`.").AppendLine();
        text.AppendLine("| stage, ms | 256 tokens | 64 tokens |").AppendLine("|---|---|---|");
        foreach (var (name, label) in new[]
        {
            ("image", "image: decode, resize, normalise"), ("vision", "vision graph"), ("sensitivity", "sensitivity (closed form)"),
            ("selection", "selection"), ("prefill", "prefill"), ("client", "**time to first token, chat client**"), ("bare", "vision graph + bare prefill"),
        })
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {label} | {Median($"{name} {AllTokens}"):F2} | {Median($"{name} {KeptTokens}"):F2} |");
        }

        text.AppendLine().AppendLine("| ratio, median of pairs | value |").AppendLine("|---|---|");
        Ratio("time to first token, 64 against 256 tokens", $"client {KeptTokens}", $"client {AllTokens}");
        Ratio("prefill, 64 against 256 tokens", $"prefill {KeptTokens}", $"prefill {AllTokens}");
        Ratio("time to first token at 64 tokens against vision + bare prefill at 64", $"client {KeptTokens}", $"bare {KeptTokens}");
        Ratio("time to first token at 256 tokens against vision + bare prefill at 256", $"client {AllTokens}", $"bare {AllTokens}");
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"| share of sensitivity + selection in the time to first token at 64 tokens | {(Median($"sensitivity {KeptTokens}") + Median($"selection {KeptTokens}")) / Median($"client {KeptTokens}"):P1} |");
        return text.ToString();

        double Median(string name)
        {
            var sorted = samples[name].Order().ToArray();
            return sorted[sorted.Length / 2];
        }

        void Ratio(string label, string a, string b)
        {
            var ratios = samples[a].Zip(samples[b], (x, y) => x / y).Order().ToArray();
            text.AppendLine(CultureInfo.InvariantCulture, $"| {label} | {ratios[ratios.Length / 2]:F3} |");
        }
    }
}
