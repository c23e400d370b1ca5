using System.Globalization;
using ZoPrune.AI.Onnx.Folders;
using ZoPrune.AI.Onnx.Graphs;

namespace ZoPrune.AI.Onnx.Language;

/// <summary>How the decoder's KV cache is laid out, read from the graph (genai-model-folder specification 2.6 and 13).</summary>
internal sealed class KeyValueLayout
{
    /// <summary>States of hybrid decoders: the description's key, and the names that exporters use, past and present.</summary>
    private static readonly (string Key, (string Past, string Present)[] Names)[] s_states =
    [
        ("conv", [("past.%d.conv", "present.%d.conv"), ("past_key_values.%d.conv_state", "present.%d.conv_state"), ("past_conv.%d", "present_conv.%d")]),
        ("recurrent", [("past.%d.recurrent", "present.%d.recurrent"), ("past_key_values.%d.recurrent_state", "present.%d.recurrent_state"), ("past_recurrent.%d", "present_recurrent.%d")]),
    ];

    private KeyValueLayout(IReadOnlyList<KeyValueLayer> layers, bool inPlace)
    {
        Layers = layers;
        InPlace = inPlace;
    }

    public IReadOnlyList<KeyValueLayer> Layers { get; }

    /// <summary>Whether past and present share one buffer, so that a step writes one row instead of copying the cache.</summary>
    public bool InPlace { get; }

    /// <summary>The same cache, which the decoder returns instead of writing it in place.</summary>
    public KeyValueLayout ToReturned() => InPlace ? new KeyValueLayout(Layers, inPlace: false) : this;

    public static KeyValueLayout Read(ModelFolder folder, OnnxGraph decoder)
    {
        var layers = new List<KeyValueLayer>();
        AddAttention("key");
        AddAttention("value");
        foreach (var (key, names) in s_states)
        {
            foreach (var (past, present) in names.Prepend(ConfiguredState(folder.Decoder, key)))
            {
                if (past.Length > 0 && Add(past, present, StateOf) > 0)
                {
                    break;
                }
            }
        }

        if (layers.Count == 0)
        {
            throw new ModelFolderException(
                decoder.File, $"has no KV cache input named '{folder.Decoder.Input("past_key_names", "past_key_values.%d.key")}'.");
        }

        return new KeyValueLayout(layers, CacheSharing.IsPossible(folder, decoder, layers));

        void AddAttention(string part) => Add(
            folder.Decoder.Input($"past_{part}_names", $"past_key_values.%d.{part}"),
            folder.Decoder.Output($"present_{part}_names", $"present.%d.{part}"),
            LayerOf);

        int Add(string past, string present, Func<int, GraphValue, string, KeyValueLayer> create)
        {
            var (pastName, presentName) = (Template(past), Template(present));
            var found = 0;
            foreach (var index in Indices(decoder, pastName))
            {
                var text = index.ToString(CultureInfo.InvariantCulture);
                var input = decoder.Input(pastName.Prefix + text + pastName.Suffix);
                var output = decoder.Output(presentName.Prefix + text + presentName.Suffix);
                if (!Floats.IsFloat(input.ElementType) || output.ElementType != input.ElementType)
                {
                    throw new NotSupportedException($"{decoder.File}: the KV cache {input} and {output} are not of one float type; this is not supported.");
                }

                var layer = create(index, input, output.Name);
                CheckPair(decoder, input, output, layer.IsState);
                layers.Add(layer);
                found++;
            }

            return found;
        }

        KeyValueLayer LayerOf(int index, GraphValue input, string present)
        {
            if (input.Rank is not 4)
            {
                throw new ModelFolderException(decoder.File, $"the KV cache input {input} should have rank 4: [batch, heads, length, head size].");
            }

            var window = folder.SlidingWindow is { } sliding && sliding.Layers.Contains(index) ? sliding.Capacity : (int?)null;
            long[] shape = [1, Size(input, 1, folder.Decoder.KeyValueHeads, "num_key_value_heads"), 0, Size(input, 3, folder.Decoder.HeadSize, "head_size")];

            // Where the length is open or says 0, the cache starts empty.
            var length = input.Dimensions![2] is > 0 and var declared ? checked((int)declared) : (int?)null;
            return new KeyValueLayer(input.Name, present, input.ElementType, shape, length ?? window);
        }

        KeyValueLayer StateOf(int index, GraphValue input, string present)
        {
            var shape = input.Dimensions is { Count: > 1 } dimensions
                ? dimensions.Select((d, axis) => axis == 0 ? 1 : d ?? throw Open(input)).ToArray()
                : throw Open(input);
            return new KeyValueLayer(input.Name, present, input.ElementType, shape, IsState: true);
        }

        ModelFolderException Open(GraphValue input) =>
            new(decoder.File, $"the state {input} should have a fixed size behind its batch axis.");

        int Size(GraphValue input, int axis, int? configured, string key) =>
            input.Dimensions![axis] is { } size
                ? size is > 0 and <= int.MaxValue ? (int)size : throw new ModelFolderException(decoder.File, $"the KV cache input {input} has a size that is not positive.")
                : configured is > 0
                    ? configured.Value
                    : throw new ModelFolderException(folder.ConfigFile, $"{key} of the decoder is missing or not positive, and the graph leaves it open in {input}.");

        (string Prefix, string Suffix) Template(string name) => name.Split("%d") is [var prefix, var suffix]
            ? (prefix, suffix)
            : throw new ModelFolderException(folder.ConfigFile, $"the KV cache name '{name}' should contain one %d.");
    }

    /// <summary>What comes out is what goes in at the next step: they must agree in every size but the length in tokens.</summary>
    private static void CheckPair(OnnxGraph decoder, GraphValue past, GraphValue present, bool isState)
    {
        if (present.Dimensions is not { } dimensions)
        {
            return;
        }

        var lengthAxis = isState ? -1 : 2;
        if (dimensions.Count != past.Rank
            || Enumerable.Range(1, dimensions.Count - 1).Any(axis =>
                axis != lengthAxis && dimensions[axis] is { } after && past.Dimensions![axis] is { } before && after != before))
        {
            throw new ModelFolderException(decoder.File, $"the KV cache input {past} and the output {present} do not have the same heads and sizes.");
        }
    }

    private static (string Past, string Present) ConfiguredState(GraphSection decoder, string key) =>
        (decoder.Input($"past_{key}_names", ""), decoder.Output($"present_{key}_names", ""));

    private static IEnumerable<int> Indices(OnnxGraph decoder, (string Prefix, string Suffix) name) =>
        decoder.Inputs
            .Where(i => i.Name.Length > name.Prefix.Length + name.Suffix.Length
                && i.Name.StartsWith(name.Prefix, StringComparison.Ordinal)
                && i.Name.EndsWith(name.Suffix, StringComparison.Ordinal))
            .Select(i => int.TryParse(i.Name.AsSpan()[name.Prefix.Length..^name.Suffix.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : -1)
            .Where(i => i >= 0)
            .Order();
}
