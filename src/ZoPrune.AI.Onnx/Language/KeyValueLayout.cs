using System.Globalization;
using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Graphs;

namespace ZoPrune.AI.Onnx.Language;

/// <summary>How the decoder's KV cache is laid out, read from the graph (genai-model-folder specification 2.6).</summary>
internal sealed class KeyValueLayout
{
    /// <summary>The operator that can write its present into the buffer of its past.</summary>
    private const string InPlaceOperator = "GroupQueryAttention";

    private KeyValueLayout(IReadOnlyList<KeyValueLayer> layers, bool inPlace)
    {
        Layers = layers;
        InPlace = inPlace;
    }

    public IReadOnlyList<KeyValueLayer> Layers { get; }

    /// <summary>Whether past and present share one buffer, so that a step writes one row instead of copying the cache.</summary>
    public bool InPlace { get; }

    public static KeyValueLayout Read(ModelFolder folder, OnnxGraph decoder)
    {
        var layers = new List<KeyValueLayer>();
        var (keyPast, valuePast) = (Template(folder.Decoder.Input("past_key_names", "past_key_values.%d.key")), Template(folder.Decoder.Input("past_value_names", "past_key_values.%d.value")));
        var (keyPresent, valuePresent) = (Template(folder.Decoder.Output("present_key_names", "present.%d.key")), Template(folder.Decoder.Output("present_value_names", "present.%d.value")));
        foreach (var index in Indices(decoder, keyPast))
        {
            Add(index, keyPast, keyPresent);
            Add(index, valuePast, valuePresent);
        }

        if (layers.Count == 0)
        {
            throw new ModelFolderException(decoder.File, $"has no KV cache input named '{keyPast.Prefix}N{keyPast.Suffix}'.");
        }

        var pasts = layers.Select(l => l.Past).ToHashSet(StringComparer.Ordinal);
        var attention = decoder.Nodes.Where(n => n.Input.Any(pasts.Contains)).ToArray();
        return new KeyValueLayout(layers, folder.Search.ShareBuffer && attention.Length > 0 && attention.All(n => n.OpType == InPlaceOperator));

        void Add(int index, (string Prefix, string Suffix) past, (string Prefix, string Suffix) present)
        {
            var text = index.ToString(CultureInfo.InvariantCulture);
            var input = decoder.Input(past.Prefix + text + past.Suffix);
            var output = decoder.Output(present.Prefix + text + present.Suffix);
            if (input.ElementType != TensorElementType.Float)
            {
                throw new NotSupportedException($"{decoder.File}: the KV cache input {input} is not float32; this is not supported yet.");
            }

            if (input.Rank is not 4)
            {
                throw new ModelFolderException(decoder.File, $"the KV cache input {input} should have rank 4: [batch, heads, length, head size].");
            }

            var window = folder.SlidingWindow is { } sliding && sliding.Layers.Contains(index) ? sliding.Capacity : (int?)null;
            layers.Add(new KeyValueLayer(
                input.Name,
                output.Name,
                Size(input, 1, folder.Decoder.KeyValueHeads, "num_key_value_heads"),
                Size(input, 3, folder.Decoder.HeadSize, "head_size"),
                (int?)input.Dimensions![2] ?? window));
        }

        int Size(GraphValue input, int axis, int? configured, string key) =>
            (int?)input.Dimensions![axis] ?? configured
            ?? throw new ModelFolderException(folder.ConfigFile, $"model.decoder.{key} is missing, and the graph leaves it open in {input}.");

        (string Prefix, string Suffix) Template(string name) => name.Split("%d") is [var prefix, var suffix]
            ? (prefix, suffix)
            : throw new ModelFolderException(folder.ConfigFile, $"the KV cache name '{name}' should contain one %d.");
    }

    private static IEnumerable<int> Indices(OnnxGraph decoder, (string Prefix, string Suffix) name) =>
        decoder.Inputs
            .Where(i => i.Name.Length > name.Prefix.Length + name.Suffix.Length
                && i.Name.StartsWith(name.Prefix, StringComparison.Ordinal)
                && i.Name.EndsWith(name.Suffix, StringComparison.Ordinal))
            .Select(i => int.TryParse(i.Name.AsSpan()[name.Prefix.Length..^name.Suffix.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : -1)
            .Where(i => i >= 0)
            .Order();
}
