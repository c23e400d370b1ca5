using System.Text.Json;
using System.Text.Json.Nodes;
using ZoPrune.AI.SyntheticVlm.Graphs;
using ZoPrune.AI.SyntheticVlm.Kinds;

namespace ZoPrune.AI.SyntheticVlm.Folders;

/// <summary>Writes a model folder: three graphs and what describes them.</summary>
/// <param name="plan">What is written.</param>
/// <param name="folder">Where it goes.</param>
internal abstract class ModelFolderWriter(ModelPlan plan, OutputFolder folder)
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>CLIP's statistics of pixels.</summary>
    protected static double[] PixelMean { get; } = [0.48145466, 0.4578275, 0.40821073];

    /// <summary>CLIP's statistics of pixels.</summary>
    protected static double[] PixelDeviation { get; } = [0.26862954, 0.26130258, 0.27577711];

    protected ModelPlan Plan => plan;

    /// <summary>Writes everything.</summary>
    /// <returns>How many parameters the parts have.</returns>
    public ParameterCounts Write()
    {
        var counts = new ParameterCounts();
        WriteGraphs(counts);
        WriteDescriptions();
        return counts;
    }

    protected abstract void WriteGraphs(ParameterCounts counts);

    protected abstract void WriteDescriptions();

    /// <summary>Writes one graph with its weights.</summary>
    /// <param name="name">What the graph is; weights differ with it.</param>
    /// <param name="file">The ONNX file in the folder.</param>
    /// <param name="dataSuffix">What the file of weights is called behind the name of the ONNX file: <c>.data</c> or <c>_data</c>.</param>
    /// <param name="counts">Counts parameters.</param>
    /// <param name="write">Adds everything to the graph.</param>
    protected void WriteGraph(string name, string file, string dataSuffix, ParameterCounts counts, Action<GraphWriter> write)
    {
        using var graph = new GraphWriter(folder.Add(file), folder.Add(file + dataSuffix), name, plan.Seed, counts);
        write(graph);
        graph.Save();
    }

    protected void WriteJson(string file, JsonObject content) => File.WriteAllText(folder.Add(file), content.ToJsonString(s_json) + "\n");

    /// <summary>Writes any other file.</summary>
    protected void WriteFile(string file, Action<string> write) => write(folder.Add(file));

    /// <summary>Numbers as a JSON array.</summary>
    protected static JsonArray Array(params ReadOnlySpan<double> values)
    {
        var array = new JsonArray();
        foreach (var value in values)
        {
            array.Add(value);
        }

        return array;
    }

    /// <summary>The tokenizer of the kind and what its chat template is.</summary>
    /// <param name="expression">The regular expression that cuts text into words.</param>
    /// <param name="tokenizerClass">What Hugging Face calls the tokenizer.</param>
    /// <param name="eos">The token that ends an answer.</param>
    /// <param name="pad">The token that pads.</param>
    /// <param name="template">The name of the chat template.</param>
    protected void WriteTokenizer(string expression, string tokenizerClass, string eos, string pad, string template)
    {
        WriteJson("tokenizer.json", SyntheticTokenizer.Create(plan.Kind.SpecialTokens, plan.Vocabulary, expression));
        var config = new JsonObject
        {
            ["tokenizer_class"] = tokenizerClass,
            ["add_bos_token"] = false,
            ["add_prefix_space"] = false,
            ["clean_up_tokenization_spaces"] = false,
            ["eos_token"] = eos,
            ["pad_token"] = pad,
            ["model_max_length"] = plan.Kind.ContextLength,
            ["chat_template"] = Template(template),
        };
        if (plan.Kind.SpecialTokens.Contains("<s>"))
        {
            config["bos_token"] = "<s>";
            config["unk_token"] = "<unk>";
        }

        WriteJson("tokenizer_config.json", config);
    }

    private static string Template(string name)
    {
        using var stream = typeof(ModelFolderWriter).Assembly.GetManifestResourceStream(name + ".jinja")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n").TrimEnd('\n');
    }
}
