using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf;
using ZoPrune.AI.Onnx.Families;
using ZoPrune.AI.Onnx.Graphs.Proto;
using ZoPrune.AI.Onnx.Tests.Engine;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Folders;

/// <summary>
/// Copies of folders with one fault each: the exception names the file, is one of the two that opening a model may throw, and comes before
/// any
/// session is opened.
/// </summary>
public sealed class DamagedFolderTests
{
    private const int Float = 1;
    private const int Int64 = 7;
    private const int External = 1;

    private static readonly string[] s_genAI = ["genai/fara", "genai/gemma3", "genai/mistral3", "genai/phi3v-int4", "genai/phi4mm", "genai/qwen2_5_vl-fp16"];
    private static readonly string[] s_transformersJs = ["hf/idefics3", "hf/llava", "hf/paligemma", "hf/qwen2_5_vl"];

    public static TheoryData<string, string> NeededFiles()
    {
        var data = new TheoryData<string, string>();
        foreach (var (folder, file) in Files(s_genAI, "genai_config.json", "tokenizer.json", "tokenizer_config.json", "processor_config.json", "vision_processor.json", "model.onnx", "vision.onnx", "embedding.onnx", "embedding.onnx.data", "model.onnx.data", "vision.onnx.data")
            .Concat(Files(s_transformersJs, "config.json", "tokenizer.json", "tokenizer_config.json", "preprocessor_config.json", "onnx/decoder_model_merged.onnx_data", "onnx/vision_encoder.onnx_data"))
            .Concat(Files(["hf/qwen2_5_vl"], "onnx/embed_tokens.onnx", "onnx/decoder_model_merged.onnx")))
        {
            data.Add(folder, file);
        }

        return data;
    }

    public static TheoryData<string, string> Descriptions()
    {
        var data = new TheoryData<string, string>();
        foreach (var (folder, file) in Files(["genai/fara", "genai/phi4mm"], "genai_config.json", "tokenizer.json", "tokenizer_config.json", "processor_config.json", "vision_processor.json")
            .Concat(Files(["hf/llava"], "config.json", "generation_config.json", "processor_config.json", "preprocessor_config.json", "tokenizer.json", "tokenizer_config.json"))
            .Concat(Files(["hf/qwen2_5_vl"], "config.json", "preprocessor_config.json")))
        {
            data.Add(folder, file);
        }

        return data;
    }

    public static TheoryData<string, string> Graphs()
    {
        var data = new TheoryData<string, string>();
        foreach (var (folder, file) in Files(["genai/phi3v-int4", "genai/fara"], "model.onnx", "vision.onnx", "embedding.onnx")
            .Concat(Files(["hf/paligemma"], "onnx/decoder_model_merged.onnx", "onnx/vision_encoder.onnx", "onnx/embed_tokens.onnx")))
        {
            data.Add(folder, file);
        }

        return data;
    }

    public static TheoryData<string, string> Paths()
    {
        var data = new TheoryData<string, string>();
        foreach (var key in new[] { "decoder.filename", "vision.filename", "embedding.filename", "vision.config_filename", "tokenizer_dir" })
        {
            foreach (var path in new[] { "../secret.onnx", "/etc/passwd", "..\\secret", "C:\\secret", "a/../../secret", "a\0b" })
            {
                data.Add(key, path);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(NeededFiles))]
    public void AFileThatIsMissingIsNamed(string source, string file)
    {
        var folder = Copy(source);
        File.Delete(Path.Combine(folder, file));
        AssertRefused(folder, Path.GetFileName(file));
    }

    [Theory]
    [MemberData(nameof(Descriptions))]
    public void ADescriptionThatIsNoSoundJsonIsNamed(string source, string file)
    {
        var folder = Copy(source);
        var path = Path.Combine(folder, file);
        var text = File.ReadAllText(path);
        var inside = text[(text.IndexOf('{', StringComparison.Ordinal) + 1)..];
        foreach (var damaged in new[]
        {
            "", " ", "null", "[]", "\"text\"", "{", text[..(text.Length / 2)], text[..^(text.Length / 10)], text + "}", "{\"zoprune\": NaN, " + inside,
            "{\"zoprune\": 1, \"zoprune\": 2, " + inside, "{\"zoprune\": " + new string('[', 100_000) + new string(']', 100_000) + ", " + inside,
            "{\"zoprune\": \"\u0001\", " + inside,
        })
        {
            File.WriteAllText(path, damaged);
            AssertRefused(folder, Path.GetFileName(file));
        }

        File.Delete(path);
        Directory.CreateDirectory(path);
        AssertRefused(folder, Path.GetFileName(file));
    }

    [Theory]
    [MemberData(nameof(Descriptions))]
    public void ADescriptionThatIsTooLargeIsRefusedBeforeItIsRead(string source, string file)
    {
        var folder = Copy(source);
        using (var stream = new FileStream(Path.Combine(folder, file), FileMode.Open))
        {
            // Without content: whoever read it would say that it is not JSON.
            stream.SetLength(file == "tokenizer.json" ? 300L << 20 : 100L << 20);
        }

        Assert.Contains("bytes", AssertRefused(folder, Path.GetFileName(file)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Descriptions))]
    public void AnyValueOfAnyKindIsTakenOrRefusedWithTheFile(string source, string file)
    {
        var folder = Copy(source);
        var path = Path.Combine(folder, file);
        var text = File.ReadAllText(path);
        foreach (var place in Places(JsonNode.Parse(text)!, 4).ToArray())
        {
            foreach (var value in new[] { "null", "\"zoprune\"", "-1", "0", "1e300", "123456789012", "[]", "{}", "[null]", "[\"\\ud800\"]", "\"\\ud800\"", "true" })
            {
                var root = JsonNode.Parse(text)!;
                Replace(root, place, value);
                File.WriteAllText(path, root.ToJsonString().Replace("\"zoprune-raw\"", value, StringComparison.Ordinal));
                if (Failure(folder) is { } failure)
                {
                    Assert.True(failure is ModelFolderException or NotSupportedException, $"{string.Join('.', place)} = {value}: {failure}");
                    Assert.True(failure.Message.Contains(folder, StringComparison.Ordinal), $"{string.Join('.', place)} = {value}: {failure.Message}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Graphs))]
    public void AGraphThatIsCutShortOrNoneIsNamed(string source, string file)
    {
        var folder = Copy(source);
        var path = Path.Combine(folder, file);
        var bytes = File.ReadAllBytes(path);
        var random = new byte[10_000];
        new Random(1).NextBytes(random);
        foreach (var damaged in new[]
        {
            [], [0], [0xFF], random, new byte[1000], Encoding.UTF8.GetBytes("version https://git-lfs.github.com/spec/v1"), bytes[..1], bytes[..100],
            bytes[..(bytes.Length / 4)], bytes[..(bytes.Length / 2)], bytes[..(bytes.Length * 9 / 10)], bytes[..^1],
        })
        {
            File.WriteAllBytes(path, damaged);
            AssertRefused(folder, Path.GetFileName(file));
        }

        // In the transformers.js layout another precision would be taken.
        if (source.StartsWith("genai", StringComparison.Ordinal))
        {
            File.Delete(path);
            Directory.CreateDirectory(path);
            AssertRefused(folder, Path.GetFileName(file));
        }
    }

    [Theory]
    [MemberData(nameof(Graphs))]
    public void AGraphWithImpossibleWeightsIsNamed(string source, string file)
    {
        var folder = Copy(source);
        var path = Path.Combine(folder, file);
        var bytes = File.ReadAllBytes(path);
        foreach (long[] shape in new long[][] { [-1], [-1, -1], [long.MaxValue], [long.MaxValue, long.MaxValue, 4], [1L << 31, 1L << 31], [1_000_000] })
        {
            Edit(path, bytes, model =>
            {
                var weight = Largest(model);
                weight.Dims.Clear();
                weight.Dims.AddRange(shape);
            });
            AssertRefused(folder, Path.GetFileName(file), Largest(ModelProto.Parser.ParseFrom(bytes)).Name);
        }
    }

    [Theory]
    [MemberData(nameof(Graphs))]
    public void AGraphThatIsNoneIsNamedWithTheTensor(string source, string file)
    {
        var folder = Copy(source);
        var path = Path.Combine(folder, file);
        var bytes = File.ReadAllBytes(path);
        Refused(
            "depends on itself",
            model =>
            {
                var last = model.Graph.Node[^1];
                var first = model.Graph.Node.First(n => n.Input.Count > 0);
                first.Input[0] = last.Output[0];
                last.Input.Add(first.Output[0]);
            });
        Refused("zoprune", model => model.Graph.Node[^1].Input[0] = "zoprune");
        Refused("zoprune", model => model.Graph.Output.Add(new ValueInfoProto { Name = "zoprune" }));
        Refused("two nodes", model => model.Graph.Node.Add(model.Graph.Node[^1].Clone()));

        void Refused(string text, Action<ModelProto> edit)
        {
            Edit(path, bytes, edit);
            AssertRefused(folder, Path.GetFileName(file), text);
        }
    }

    [Theory]
    [MemberData(nameof(Graphs))]
    public void RenamedInputsAndOutputsAreNamed(string source, string file)
    {
        var folder = Copy(source);
        var path = Path.Combine(folder, file);
        var bytes = File.ReadAllBytes(path);
        var model = ModelProto.Parser.ParseFrom(bytes);
        var isTransformersJs = source.StartsWith("hf", StringComparison.Ordinal);
        for (var i = 0; i < model.Graph.Input.Count; i++)
        {
            // What a decoder does not take is not given; what it takes under another name is not known.
            Edit(path, bytes, m => Rename(m, m.Graph.Input[i].Name, "zoprune"));
            AssertRefused(folder, Path.GetFileName(file));
        }

        // The only output of a vision graph may have any name in the transformers.js layout.
        for (var i = 0; i < model.Graph.Output.Count && !(isTransformersJs && file.Contains("vision", StringComparison.Ordinal)); i++)
        {
            Edit(path, bytes, m => Rename(m, m.Graph.Output[i].Name, "zoprune"));
            AssertRefused(folder, Path.GetFileName(file), model.Graph.Output[i].Name);
        }
    }

    [Theory]
    [InlineData("genai/gemma3", "vision.onnx", "embedding.onnx", "model.onnx")]
    [InlineData("hf/llava", "onnx/vision_encoder.onnx", "onnx/embed_tokens.onnx", "onnx/decoder_model_merged.onnx")]
    public void StagesThatDoNotFitTogetherAreNamed(string source, string vision, string embedding, string decoder)
    {
        var isGenAI = source.StartsWith("genai", StringComparison.Ordinal);
        Refused(vision, m => Last(m.Graph.Output[0], 5), "wide");
        Refused(vision, m => m.Graph.Output[0].Type.TensorType.ElemType = Int64, "float");
        Refused(vision, m => SetShape(m.Graph.Output[0], 7), "rank");
        Refused(embedding, m => Last(m.Graph.Output[0], 5), "wide");
        Refused(embedding, m => m.Graph.Output[0].Type.TensorType.ElemType = Int64, "float");
        Refused(embedding, m => Input(m, "input_ids").Type.TensorType.ElemType = Float, "input_ids");
        if (isGenAI)
        {
            Refused(embedding, m => SetShape(Input(m, "image_features"), 7), "image_features");
            Refused(embedding, m => Input(m, "image_features").Type.TensorType.ElemType = Int64, "image_features");
        }

        Refused(decoder, m => Input(m, "inputs_embeds").Type.TensorType.ElemType = Int64, "inputs_embeds");
        Refused(decoder, m => Input(m, "attention_mask").Type.TensorType.ElemType = Float, "attention_mask");
        Refused(decoder, m => SetShape(Input(m, "past_key_values.0.key"), 1, 2), "past_key_values.0.key");
        Refused(decoder, m => SetShape(Input(m, "past_key_values.0.key"), 1, 77, -1, 16), "past_key_values.0.key");
        Refused(decoder, m => SetShape(Input(m, "past_key_values.0.key"), 1, 0, -1, 16), "past_key_values.0.key");
        Refused(decoder, m => Input(m, "past_key_values.1.value").Type.TensorType.ElemType = Int64, "past_key_values.1.value");
        Refused(decoder, m => Output(m, "logits").Type.TensorType.ElemType = Int64, "logits");
        Refused(decoder, m => Last(Output(m, "logits"), 3), "3");

        void Refused(string file, Action<ModelProto> edit, string text)
        {
            var folder = Copy(source);
            var path = Path.Combine(folder, file);
            Edit(path, File.ReadAllBytes(path), edit);
            var message = AssertRefused(folder).Message;
            Assert.Contains(text, message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("genai/fara", "vision.onnx")]
    [InlineData("genai/fara", "model.onnx")]
    [InlineData("genai/fara", "embedding.onnx")]
    [InlineData("hf/qwen2_5_vl", "onnx/vision_encoder.onnx")]
    [InlineData("hf/qwen2_5_vl", "onnx/decoder_model_merged.onnx")]
    public void ExternalDataStaysInTheFolderAndIsWhole(string source, string file)
    {
        var folder = Copy(source);
        var path = Path.Combine(folder, file);
        var bytes = File.ReadAllBytes(path);
        var name = ModelProto.Parser.ParseFrom(bytes).Graph.Initializer.First(i => i.DataLocation == External).Name;
        foreach (var (key, value) in new[]
        {
            ("location", "../secret"), ("location", "/etc/passwd"), ("location", "a/../../b"), ("location", "..\\b"), ("location", ""), ("location", "missing.data"),
            ("offset", "-1"), ("offset", "99999999999"), ("offset", "9223372036854775807"), ("offset", "x"), ("length", "99999999999"), ("length", "-1"), ("length", "1"),
        })
        {
            Edit(path, bytes, m =>
            {
                var data = m.Graph.Initializer.First(i => i.DataLocation == External).ExternalData;
                foreach (var old in data.Where(e => e.Key == key).ToArray())
                {
                    data.Remove(old);
                }

                data.Add(new StringStringEntryProto { Key = key, Value = value });
            });
            AssertRefused(folder, Path.GetFileName(file), name);
        }

        File.WriteAllBytes(path, bytes);
        var external = Directory.EnumerateFiles(Path.GetDirectoryName(path)!).Single(f => f == path + ".data" || f == path + "_data");
        using (var stream = new FileStream(external, FileMode.Open))
        {
            stream.SetLength(stream.Length - 1);
        }

        AssertRefused(folder, Path.GetFileName(external));
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void NoFileNameLeavesTheFolder(string key, string path)
    {
        var folder = Copy("genai/gemma3");
        EditJson(folder, "genai_config.json", root =>
        {
            var at = root["model"]!;
            var keys = key.Split('.');
            foreach (var step in keys[..^1])
            {
                at = at[step]!;
            }

            at[keys[^1]] = path;
        });
        AssertRefused(folder, "genai_config.json", key);
    }

    [Theory]
    [InlineData("../../secret")]
    [InlineData("/etc/passwd")]
    [InlineData("a\\b")]
    [InlineData("nothing-like-it")]
    public void NoVariantLeavesTheFolder(string variant)
    {
        var folder = Copy("hf/llava");
        var error = AssertRefused(folder, new GraphVariants(Vision: variant));
        Assert.Contains(variant, error.Message, StringComparison.Ordinal);
        Assert.Contains("vision_encoder", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NoConfiguredVariantLeavesTheFolder()
    {
        var folder = Copy("hf/llava");
        EditJson(folder, "config.json", root => root["transformers.js_config"] = new JsonObject { ["dtype"] = "x/../../../secret" });
        AssertRefused(folder, "config.json", "dtype");
    }

    [Theory]
    [InlineData("genai/gemma3", "tokenizer.json")]
    [InlineData("genai/gemma3", "vision.onnx")]
    [InlineData("genai/gemma3", "genai_config.json")]
    [InlineData("genai/fara", "vision.onnx")]
    public void SymbolicLinksAreFollowedBecauseDownloadCachesAreMadeOfThem(string source, string file)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege there.");
        var folder = Copy(source);
        var path = Path.Combine(folder, file);
        var elsewhere = Path.Combine(TemporaryFolders.Create(), "blob");
        File.Move(path, elsewhere);
        File.CreateSymbolicLink(path, elsewhere);
        Assert.Null(Failure(folder));

        // The bounds are those of the file that is meant.
        if (file == "genai_config.json")
        {
            File.Delete(path);
            File.CreateSymbolicLink(path, "/dev/zero");
            AssertRefused(folder, file);
        }

        File.Delete(elsewhere);
        File.Delete(path);
        File.CreateSymbolicLink(path, elsewhere);
        AssertRefused(folder, file);
        File.Delete(path);
        File.CreateSymbolicLink(path, path);
        AssertRefused(folder, file);
    }

    [Fact]
    public void TokensThatAreNoneAreNamed()
    {
        Refused("genai/gemma3", "tokenizer.json", r => r["model"]!["vocab"]!["zoprune"] = 1_000_000, "vocabulary");
        Refused("genai/gemma3", "tokenizer.json", r => r["model"]!["vocab"]!["zoprune"] = -5, "zoprune");
        Refused("genai/gemma3", "tokenizer.json", r => r["model"]!["vocab"]!["zoprune"] = 1.5, "zoprune");
        Refused("genai/gemma3", "tokenizer.json", r => r["added_tokens"]![0]!["id"] = 3_000_000_000, "added token");
        Refused("genai/gemma3", "genai_config.json", r => r["model"]!["eos_token_id"] = 1_000_000, "eos_token_id");
        Refused("genai/gemma3", "genai_config.json", r => r["model"]!["eos_token_id"] = -1, "eos_token_id");
        Refused("genai/gemma3", "genai_config.json", r => r["model"]!["eos_token_id"] = new JsonArray(), "eos_token_id");
        Refused("genai/gemma3", "genai_config.json", r => r["model"]!["vocab_size"] = 12, "vocab_size");
        Refused("genai/gemma3", "tokenizer_config.json", r => r["chat_template"] = "{% for m in messages %}", "tokenizer_config.json");
        Refused("genai/gemma3", "genai_config.json", r => r["model"]!["type"] = "zoprune", "gemma3");
        Refused("hf/llava", "generation_config.json", r => r["eos_token_id"] = 1_000_000, "eos_token_id", file: "config.json");
        Refused("hf/llava", "config.json", r => r["model_type"] = "zoprune", "llava");

        static void Refused(string source, string damaged, Action<JsonNode> edit, string text, string? file = null)
        {
            var folder = Copy(source);
            EditJson(folder, damaged, edit);
            AssertRefused(folder, file ?? damaged, text);
        }
    }

    [Theory]
    [InlineData("genai/gemma3")]
    [InlineData("genai/mistral3")]
    public void APlaceholderThatTheTokenizerLacksIsNamed(string source)
    {
        var folder = Copy(source);
        var placeholder = source.EndsWith("gemma3", StringComparison.Ordinal) ? "<image_soft_token>" : "[IMG_BREAK]";
        foreach (var file in new[] { "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json" })
        {
            var path = Path.Combine(folder, file);
            File.WriteAllText(path, File.ReadAllText(path)
                .Replace(placeholder, "<zoprune>", StringComparison.Ordinal)
                .Replace(placeholder.Replace("<", "\\u003C", StringComparison.Ordinal), "<zoprune>", StringComparison.Ordinal));
        }

        EditJson(folder, "genai_config.json", r => r["model"]!.AsObject().Remove("image_token_id"));
        AssertRefused(folder, placeholder);
    }

    [Theory]
    [InlineData("genai/fara")]
    [InlineData("genai/gemma3")]
    [InlineData("genai/mistral3")]
    [InlineData("genai/phi3v-int4")]
    [InlineData("genai/phi4mm")]
    public void AWholeCopyIsNotRefused(string source) => Assert.Null(Failure(Copy(source)));

    private static Exception AssertRefused(string folder, params string[] texts)
    {
        var error = AssertRefused(folder, (GraphVariants?)null);
        foreach (var text in texts)
        {
            Assert.Contains(text, error.Message, StringComparison.Ordinal);
        }

        return error;
    }

    private static Exception AssertRefused(string folder, GraphVariants? variants)
    {
        var sessions = 0;
        var options = new VisionLanguageModelOptions { Variants = variants, ConfigureSession = _ => sessions++ };
        var error = Record.Exception(() => VisionLanguageModel.Load(folder, options).Dispose());
        Assert.True(error is ModelFolderException or NotSupportedException, error?.ToString() ?? "the folder was opened");
        Assert.Equal(0, sessions);
        return error!;
    }

    /// <summary>What is thrown before sessions would be opened.</summary>
    private static Exception? Failure(string folder) => Record.Exception(() =>
    {
        foreach (var check in new ModelParts(ModelFolder.Open(folder), new VisionLanguageModelOptions()).Checks)
        {
            check();
        }
    });

    private static string Copy(string source) => ZooModels.Copy(TestData.PathTo(["zoo", .. source.Split('/')]));

    private static IEnumerable<(string Folder, string File)> Files(string[] folders, params string[] files) =>
        from folder in folders
        from file in files
        where File.Exists(TestData.PathTo(["zoo", .. folder.Split('/'), .. file.Split('/')]))
        select (folder, file);

    private static void EditJson(string folder, string file, Action<JsonNode> edit)
    {
        var path = Path.Combine(folder, file);
        var root = JsonNode.Parse(File.ReadAllText(path))!;
        edit(root);
        File.WriteAllText(path, root.ToJsonString());
    }

    /// <summary>The places of values, down to a depth; of long lists and tables the first ones.</summary>
    private static IEnumerable<object[]> Places(JsonNode? node, int depth) => depth == 0 ? [] : node switch
    {
        JsonObject o => o.Take(30).SelectMany(p => Places(p.Value, depth - 1).Select(rest => (object[])[p.Key, .. rest]).Prepend([p.Key])),
        JsonArray a => a.Take(2).SelectMany((value, i) => Places(value, depth - 1).Select(rest => (object[])[i, .. rest]).Prepend([i])),
        _ => [],
    };

    /// <summary>Puts a mark where a value goes that the JSON classes would not write.</summary>
    private static void Replace(JsonNode root, object[] place, string value)
    {
        var at = root;
        foreach (var step in place[..^1])
        {
            at = step is int index ? at![index] : at![(string)step];
        }

        if (place[^1] is int last)
        {
            at![last] = "zoprune-raw";
        }
        else
        {
            at![(string)place[^1]] = "zoprune-raw";
        }
    }

    private static void Edit(string path, byte[] original, Action<ModelProto> edit)
    {
        var model = ModelProto.Parser.ParseFrom(original);
        edit(model);
        File.WriteAllBytes(path, model.ToByteArray());
    }

    private static TensorProto Largest(ModelProto model) => model.Graph.Initializer.MaxBy(i => i.RawData.Length + (i.DataLocation == External ? 1 << 20 : 0))!;

    private static ValueInfoProto Input(ModelProto model, string name) => model.Graph.Input.Single(i => i.Name == name);

    private static ValueInfoProto Output(ModelProto model, string name) => model.Graph.Output.Single(o => o.Name == name);

    private static void Last(ValueInfoProto value, long size) => value.Type.TensorType.Shape.Dim[^1] = new DimensionProto { DimValue = size };

    private static void SetShape(ValueInfoProto value, params long[] shape)
    {
        value.Type.TensorType.Shape = new TensorShapeProto();
        value.Type.TensorType.Shape.Dim.AddRange(shape.Select(d => d < 0 ? new DimensionProto { DimParam = "open" } : new DimensionProto { DimValue = d }));
    }

    private static void Rename(ModelProto model, string name, string replacement)
    {
        foreach (var value in model.Graph.Input.Concat(model.Graph.Output).Where(v => v.Name == name))
        {
            value.Name = replacement;
        }

        foreach (var node in model.Graph.Node)
        {
            for (var i = 0; i < node.Input.Count; i++)
            {
                node.Input[i] = node.Input[i] == name ? replacement : node.Input[i];
            }

            for (var i = 0; i < node.Output.Count; i++)
            {
                node.Output[i] = node.Output[i] == name ? replacement : node.Output[i];
            }
        }
    }
}
