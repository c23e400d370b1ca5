using System.Text.Json.Nodes;
using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Tests.Graphs;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Engine;

/// <summary>
/// Families and descriptions of the transformers.js layout that the zoo has no folder of: a folder of the zoo, changed. What it must give
/// is what the unchanged folder's goldens say, or is derived by hand from the specification.
/// </summary>
public sealed class HuggingFaceFamilyTests
{
    private const string Decoder = "onnx/decoder_model_merged.onnx";
    private const string Vision = "onnx/vision_encoder.onnx";

    [Fact]
    public void SmolVLM_is_Idefics_3_by_another_name()
    {
        var folder = DerivedFolder.HuggingFace("idefics3")
            .Edit("config.json", c => c["model_type"] = "smolvlm")
            .Edit("preprocessor_config.json", p =>
            {
                p["image_processor_type"] = "SmolVLMImageProcessor";
                p["processor_class"] = "SmolVLMProcessor";
            })
            .Edit("processor_config.json", p => p["processor_class"] = "SmolVLMProcessor");

        MeetsGoldens(folder, HuggingFaceGolden.All("idefics3"));
    }

    [Theory]
    [InlineData("llava_qwen2")]
    [InlineData("fast_vlm")]
    public void FastVLM_keeps_the_sizes_of_its_language_model_at_the_top(string type)
    {
        var folder = DerivedFolder.HuggingFace("llava").Edit("config.json", c =>
        {
            LiftTextConfig(c, null);
            c["model_type"] = type;
        });

        using var model = MeetsGoldens(folder, HuggingFaceGolden.All("llava"));
        Assert.Equal(1024, model.ContextLength);
    }

    [Fact]
    public void Moondream_keeps_them_in_phi_config_and_asks_and_answers()
    {
        var folder = DerivedFolder.HuggingFace("llava")
            .Delete("chat_template.jinja", "chat_template.json")
            .Edit("config.json", c =>
            {
                LiftTextConfig(c, "phi_config");
                c["model_type"] = "moondream1";
            });
        using var model = folder.Open();
        Assert.Equal(1024, model.ContextLength);
        var image = ImageSelection.All(ZooModels.Encode(model, Picture("photo128x96.png")));

        var prompt = model.EncodePrompt(Question("What is it?"), [image]);

        Assert.Equal(64, prompt.VisualTokens);
        AssertEncodes(prompt.InputIds, model, "<s><image>", 448, "\n\nQuestion: What is it?\n\nAnswer:");
    }

    [Fact]
    public void LLaVA_NeXT_packs_tiles_as_OneVision_does_where_nothing_is_shrunk()
    {
        var folder = LlavaNext();
        var goldens = HuggingFaceGolden.All("llava_onevision")
            .Where(g => g.SplitImages is null && g.Images.Count < 2 && g.Name != "big")
            .ToList();

        // Several images: each in tiles, as if it were alone.
        using var model = MeetsGoldens(folder, goldens);
        Assert.Equal(10, goldens.Count);
        foreach (var (picture, rows) in new[] { ("square64.png", 192), ("wide150x60.png", 286) })
        {
            var alone = ZooModels.Encode(model, Picture(picture));
            var oneOfTwo = ZooModels.Encode(model, Picture(picture), 2);
            Assert.Equal(rows, alone.Count);
            Assert.Equal(alone.Tokens.Embeddings.Values.ToArray(), oneOfTwo.Tokens.Embeddings.Values.ToArray());
            Assert.Equal(alone.Tokens.Structural, oneOfTwo.Tokens.Structural);
        }
    }

    [Fact]
    public void LLaVA_NeXT_does_not_shrink_large_maps()
    {
        // 240 x 200 in 4 x 4 tiles of 48 pixels, 24 x 24 tokens: the picture has 200 * 24 / 240 = 20 rows of them, each of 24 and a
        // newline.
        using var model = LlavaNext().Open();

        var tokens = ZooModels.Encode(model, Picture("big240x200.png"));

        Assert.Equal(36 + (20 * 25), tokens.Count);
        Assert.Equal(Enumerable.Range(1, 20).Select(r => 35 + (25 * r)), tokens.Tokens.Structural);
    }

    [Fact]
    public void Any_resolution_without_the_newline_is_one_tile()
    {
        using var model = LlavaNext().Delete("image_newline.npy").Open();
        using var oneVision = DerivedFolder.HuggingFace("llava_onevision").Delete("image_newline.npy").Open();

        foreach (var opened in new[] { model, oneVision })
        {
            var tokens = ZooModels.Encode(opened, Picture("photo128x96.png"));
            Assert.Equal(36, tokens.Count);
            Assert.Empty(tokens.Tokens.Structural);
        }

        MeetsGoldens(model, HuggingFaceGolden.All("llava_onevision").Where(g => g.SplitImages == false));
    }

    [Theory]
    [InlineData("GotOcr2ImageProcessor", "square64.png", 1)]
    [InlineData("InternVLImageProcessorFast", "square64.png", 1)]
    [InlineData("GotOcr2ImageProcessorFast", "wide150x60.png", 11)]
    [InlineData("GotOcr2ImageProcessorFast", "tall40x120.png", 4)]
    [InlineData("GotOcr2ImageProcessorFast", "photo128x96.png", 13)]
    public void InternVL_lists_the_tokens_of_all_tiles_between_its_marks(string processor, string picture, int tiles)
    {
        // Ratios by hand: 1 -> 1 x 1 (2 x 2 has more than twice the area); 2.5 -> 5 x 2; 1/3 -> 1 x 3; 4/3 -> 4 x 3; each of more than
        // one with the whole picture behind.
        using var model = InternVl(processor).Open();
        var image = ImageSelection.All(ZooModels.Encode(model, Picture(picture)));

        var prompt = model.EncodePrompt(Question("What is it?"), [image]);

        Assert.Equal(64 * tiles, image.Image.Count);
        AssertEncodes(
            prompt.InputIds,
            model,
            "<s><|im_start|>user\n<img><IMG_CONTEXT>",
            448,
            "</img>\nWhat is it?<|im_end|>\n<|im_start|>assistant\n");
        Assert.Equal(4, Generate.Ids(model, prompt, [image], 4, Generate.Greedy, Generate.NoEnd).Count);
    }

    [Fact]
    public void InternVL_takes_older_markers_and_one_tile_where_it_does_not_cut()
    {
        using var model = InternVl("GotOcr2ImageProcessor").Open(splitImages: false);
        var image = ImageSelection.All(ZooModels.Encode(model, Picture("wide150x60.png")));

        Assert.Equal(64, image.Image.Count);
        Assert.Equal(
            model.EncodeRendered("<IMG_CONTEXT>\nWhat?", [image], PositionPolicy.Auto).InputIds,
            model.EncodeRendered("<image>\nWhat?", [image], PositionPolicy.Auto).InputIds);
    }

    [Fact]
    public void An_unknown_type_is_refused_with_the_known_ones()
    {
        var folder = DerivedFolder.HuggingFace("llava").Edit("config.json", c => c["model_type"] = "florence2");

        var exception = Assert.Throws<NotSupportedException>(() => folder.Open());

        Assert.Contains("'florence2'", exception.Message, StringComparison.Ordinal);
        string[] types =
        [
            "llava", "llava_next", "llava_onevision", "llava_qwen2", "qwen2_vl", "qwen2_5_vl", "idefics3", "smolvlm", "paligemma", "gemma3",
            "internvl", "moondream1",
        ];
        foreach (var type in types)
        {
            Assert.Contains(" " + type, exception.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("image_token_id")]
    [InlineData(null)]
    public void The_image_token_is_found_under_either_key_or_by_its_spelling(string? key)
    {
        var folder = DerivedFolder.HuggingFace("llava").Edit("config.json", c =>
        {
            var id = c["image_token_index"]!.GetValue<int>();
            c.Remove("image_token_index");
            if (key is not null)
            {
                c[key] = id;
            }
        });

        MeetsGoldens(folder, HuggingFaceGolden.All("llava").Take(2)).Dispose();
    }

    [Fact]
    public void A_folder_without_a_template_gets_that_of_its_family()
    {
        var folder = DerivedFolder.HuggingFace("llava").Delete("chat_template.jinja", "chat_template.json");
        using var model = folder.Open();
        var image = ImageSelection.All(ZooModels.Encode(model, Picture("photo128x96.png")));

        var prompt = model.EncodePrompt(Question("What is it?"), [image]);

        Assert.Equal(model.EncodeRendered("USER: <image>\nWhat is it? ASSISTANT:", [image], PositionPolicy.Auto).InputIds, prompt.InputIds);
    }

    [Fact]
    public void The_default_one_of_named_templates_is_taken()
    {
        var folder = DerivedFolder.HuggingFace("llava");
        var template = File.ReadAllText(Path.Combine(folder.FullPath, "chat_template.jinja"));
        folder.Delete("chat_template.jinja", "chat_template.json").Edit("tokenizer_config.json", c => c["chat_template"] = new JsonArray(
            new JsonObject { ["name"] = "tool_use", ["template"] = "{{ raise_exception('not this one') }}" },
            new JsonObject { ["name"] = "default", ["template"] = template }));

        MeetsGoldens(folder, HuggingFaceGolden.All("llava")).Dispose();
    }

    [Fact]
    public void A_vision_graph_may_call_its_grid_grid_thw()
    {
        var folder = DerivedFolder.HuggingFace("qwen2_vl").Graph(Vision, g => g.Rename("image_grid_thw", "grid_thw"));

        MeetsGoldens(folder, HuggingFaceGolden.All("qwen2_vl").Take(3)).Dispose();
    }

    [Fact]
    public void A_decoder_without_position_ids_counts_by_itself()
    {
        // Specification 0.4: the cumulative sum of the mask minus 1, of which the last s are the step's.
        var folder = DerivedFolder.HuggingFace("llava").Graph(Decoder, g => g.RemoveInput("position_ids")
            .Integers("t_one", 1).Integers("t_axis", 1).Integers("t_two", 2).Integers("t_end", long.MaxValue)
            .First("Shape", ["inputs_embeds"], "t_shape")
            .First("Slice", ["t_shape", "t_one", "t_two"], "t_length")
            .First("Neg", ["t_length"], "t_start")
            .First("Squeeze", ["t_axis"], "t_scalar")
            .First("CumSum", ["attention_mask", "t_scalar"], "t_sum")
            .First("Sub", ["t_sum", "t_one"], "t_positions")
            .First("Slice", ["t_positions", "t_start", "t_end", "t_axis"], "position_ids"));

        using var model = MeetsGoldens(folder, HuggingFaceGolden.All("llava").Where(g => g.Name is "photo" or "text_only" or "two_images"));
        Assert.False(model.SupportsOriginalPositions);
    }

    [Fact]
    public void A_decoder_without_attention_mask_sees_everything()
    {
        var folder = DerivedFolder.HuggingFace("llava");
        const string cache = "past_key_values.0.key";
        folder.Graph(Decoder, g => g.RemoveInput("attention_mask")
            .Integers("t_one", 1).Integers("t_two", 2).Integers("t_three", 3)
            .First("Shape", ["inputs_embeds"], "t_shape")
            .First("Slice", ["t_shape", "t_one", "t_two"], "t_new")
            .First("Shape", [cache], "t_cache")
            .First("Slice", ["t_cache", "t_two", "t_three"], "t_past")
            .First("Add", ["t_past", "t_new"], "t_total")
            .First("Concat", ["t_one", "t_total"], "t_size", TinyGraph.Int("axis", 0))
            .First("Expand", ["t_one", "t_size"], "attention_mask"));

        MeetsGoldens(folder, HuggingFaceGolden.All("llava").Where(g => g.Name is "photo" or "text_only")).Dispose();
    }

    [Fact]
    public void Use_cache_branch_says_whether_there_is_a_cache()
    {
        // Behind a cache the graph shouts token 5: the first id is the golden's, all others are 5.
        var shout = new float[480];
        shout[5] = 1e6f;
        var folder = DerivedFolder.HuggingFace("llava").Graph(Decoder, g => g.Input("use_cache_branch", TensorElementType.Bool, 1)
            .Unbind("logits", "t_logits")
            .Weight("t_shout", shout, 480)
            .Node("Cast", ["use_cache_branch"], "t_flag", "", TinyGraph.Int("to", 1))
            .Node("Mul", ["t_shout", "t_flag"], "t_loud")
            .Node("Add", ["t_logits", "t_loud"], "logits"));
        using var model = folder.Open();
        var golden = HuggingFaceGolden.Load("llava", "photo");
        var images = Select(model, golden);

        var ids = Generate.Ids(model, model.EncodePrompt(golden.Prompt, images), images, 4, Generate.Greedy, Generate.NoEnd);

        Assert.Equal([golden.Greedy[0], 5, 5, 5], ids);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Num_logits_to_keep_asks_for_the_last_row(int rank)
    {
        var folder = DerivedFolder.HuggingFace("llava").Graph(Decoder, g => g
            .Input("num_logits_to_keep", TensorElementType.Int64, rank == 0 ? [] : [1])
            .Unbind("logits", "t_logits")
            .Integers("t_one", 1).Integers("t_end", long.MaxValue)
            .Node("Reshape", ["num_logits_to_keep", "t_one"], "t_count")
            .Node("Neg", ["t_count"], "t_start")
            .Node("Slice", ["t_logits", "t_start", "t_end", "t_one"], "logits"));

        MeetsGoldens(folder, HuggingFaceGolden.All("llava").Where(g => g.Name is "photo" or "text_only")).Dispose();
    }

    internal static DerivedFolder LlavaNext() => DerivedFolder.HuggingFace("llava_onevision")
        .Edit("config.json", c => c["model_type"] = "llava_next")
        .Edit("preprocessor_config.json", p =>
        {
            p["image_processor_type"] = "LlavaNextImageProcessor";
            p["processor_class"] = "LlavaNextProcessor";
            p["size"] = new JsonObject { ["shortest_edge"] = 48 };
            p["crop_size"] = new JsonObject { ["height"] = 48, ["width"] = 48 };
        })
        .Edit("processor_config.json", p => p["processor_class"] = "LlavaNextProcessor");

    internal static DerivedFolder InternVl(string processor) => DerivedFolder.HuggingFace("llava")
        .Delete("chat_template.jinja", "chat_template.json")
        .Replace(("<image>", "<IMG_CONTEXT>"))
        .Edit("config.json", c => c["model_type"] = "internvl")
        .Edit("processor_config.json", p => p["processor_class"] = "InternVLProcessor")
        .Edit("preprocessor_config.json", p =>
        {
            p["image_processor_type"] = processor;
            p["size"] = new JsonObject { ["height"] = 64, ["width"] = 64 };
            p["crop_to_patches"] = true;
            p["min_patches"] = 1;
            p["max_patches"] = 12;
            p.Remove("crop_size");
            p.Remove("do_center_crop");
        })
        .Edit("tokenizer.json", t =>
        {
            var id = 450;
            foreach (var token in (string[])["<img>", "</img>", "<|im_start|>", "<|im_end|>"])
            {
                var added = t["added_tokens"]!.AsArray()[3]!.DeepClone();
                added["id"] = id++;
                added["content"] = token;
                t["added_tokens"]!.AsArray().Add(added);
            }
        });

    /// <summary>Takes the language model's description out of <c>text_config</c>: to the top, or under another key.</summary>
    internal static void LiftTextConfig(JsonObject config, string? key)
    {
        var text = config["text_config"]!.DeepClone().AsObject();
        config.Remove("text_config");
        if (key is not null)
        {
            config[key] = text;
            return;
        }

        foreach (var (name, value) in text.Where(p => p.Key is not "model_type" and not "architectures"))
        {
            config[name] = value?.DeepClone();
        }
    }

    private static VisionLanguageModel MeetsGoldens(DerivedFolder folder, IEnumerable<HuggingFaceGolden> goldens)
    {
        var byMode = goldens.ToLookup(g => g.SplitImages);
        Assert.NotEmpty(byMode);
        foreach (var mode in byMode.Where(m => m.Key is not null))
        {
            using var other = folder.Open(mode.Key);
            MeetsGoldens(other, mode);
        }

        var model = folder.Open();
        MeetsGoldens(model, byMode[null]);
        return model;
    }

    private static void MeetsGoldens(VisionLanguageModel model, IEnumerable<HuggingFaceGolden> goldens)
    {
        foreach (var golden in goldens)
        {
            var images = Select(model, golden);
            var prompt = model.EncodePrompt(golden.Prompt, images);
            Assert.Equal(golden.InputIds, prompt.InputIds);
            var (positions, next) = golden.Positions;
            Assert.Equal(positions, prompt.Positions);
            Assert.Equal(next, prompt.NextPosition);
            Assert.Equal(golden.Greedy, Generate.Ids(model, prompt, images, golden.Greedy.Length, Generate.Greedy, Generate.NoEnd));
        }
    }

    /// <summary>Ids are those of a text whose placeholder, at the end of what is in front, stands once for every visual token.</summary>
    private static void AssertEncodes(IReadOnlyList<int> ids, VisionLanguageModel model, string before, int placeholder, string after)
    {
        var first = ids.ToList().IndexOf(placeholder);
        var last = ids.ToList().LastIndexOf(placeholder);
        Assert.All(ids.Skip(first).Take(last - first + 1), id => Assert.Equal(placeholder, id));

        // One placeholder in the place of all: what the tokenizer alone makes of the text.
        int[] once = [.. ids.Take(first + 1), .. ids.Skip(last + 1)];
        Assert.Equal(model.Tokenizer.Encode([PromptSegment.Template(before + after)]).Ids, once);
    }

    private static ChatPrompt Question(string text) => new([new ChatTurn("user", [new ImagePart(0), new TextPart(text)])]);

    private static string Picture(string name) => TestData.PathTo("zoo", "hf", "images", name);

    private static List<ImageSelection> Select(VisionLanguageModel model, HuggingFaceGolden golden) =>
        [.. golden.Images.Select(i => ImageSelection.All(ZooModels.Encode(model, Picture(i), golden.Images.Count)))];
}
