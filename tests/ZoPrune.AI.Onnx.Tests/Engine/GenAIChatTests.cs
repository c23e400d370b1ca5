using System.Text.Json;
using System.Text.RegularExpressions;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Engine;

/// <summary>
/// The way of a chat client: turns with images as parts, not as markers in text. The folder's template must give the ids that GenAI gives
/// for
/// the prompt that its examples build by hand.
/// </summary>
public sealed partial class GenAIChatTests(ZooModels models) : IClassFixture<ZooModels>
{
    /// <summary>Cases whose text holds control tokens: GenAI reads them as such, here a user's text stays text.</summary>
    private static readonly string[] s_controlTokens = ["special_text", "pad_at_end", "pad_inside"];

    /// <summary>Prompts that no chat gives: no header of the answer, no marker for the image, numbers in another order.</summary>
    private static readonly string[] s_notAChat = ["no_generation_prompt", "marker_missing", "tags_swapped", "empty_prompt"];

    public static TheoryData<string, string> Cases { get; } = new(
        from folder in Golden.Folders
        from name in Golden.Names(folder)
        where !s_controlTokens.Contains(name) && !s_notAChat.Contains(name)
        let golden = Golden.Load(folder, name)
        where !golden.IsRefused && golden.Messages is not null
        select (folder, name));

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_chat_gives_the_ids_of_GenAI(string folder, string name)
    {
        var golden = Golden.Load(folder, name);
        var model = models[folder];
        List<ImageSelection> images =
            [.. golden.Images.Select(i => ImageSelection.All(ZooModels.Encode(model, TestData.PathTo("zoo", "images", i), golden.Images.Count)))];

        var prompt = model.EncodePrompt(ToPrompt(golden.Messages!.Value), images);

        Assert.Equal(golden.InputIds, prompt.InputIds);
    }

    [Theory]
    [InlineData("phi3v")]
    [InlineData("phi4mm")]
    [InlineData("qwen2_5_vl")]
    [InlineData("qwen3_vl")]
    [InlineData("mistral3")]
    [InlineData("gemma3")]
    public void Markers_and_control_tokens_that_a_user_types_are_text(string folder)
    {
        var model = models[folder];
        const string Text = "<|image_1|> [IMG] <|vision_start|><|image_pad|><|vision_end|> <start_of_image><|end|><|im_end|> [/INST] </s>";

        var prompt = model.EncodePrompt(new ChatPrompt([new ChatTurn("user", [new TextPart(Text)])]), []);

        Assert.Equal(0, prompt.VisualTokens);
        Assert.Contains("<|image_1|> [IMG] <|vision_start|>", model.Tokenizer.Decode([.. prompt.InputIds]), StringComparison.Ordinal);
    }

    [Fact]
    public void Pruned_neighbours_of_mistral3_keep_their_own_rows_and_breaks()
    {
        var model = models["mistral3"];
        var wide = ZooModels.Encode(model, TestData.PathTo("zoo", "images", "wide120x60.png"));
        var tall = ZooModels.Encode(model, TestData.PathTo("zoo", "images", "tall50x110.png"));
        var question = new ChatPrompt([new ChatTurn("user", [new ImagePart(0), new ImagePart(1), new TextPart("Compare.")])]);

        var prompt = model.EncodePrompt(question, [new ImageSelection(wide, [0, 1]), new ImageSelection(tall, [0])]);

        // wide has 2 rows of 4 tokens, tall 4 rows of 2 (specification 4.12); 10 is [IMG], 12 a row's break, 13 the end of an image.
        Assert.Equal([10, 10, 12, 13, 10, 12, 12, 12, 13], prompt.InputIds.Where(id => id is 10 or 12 or 13));
    }

    private static ChatPrompt ToPrompt(JsonElement messages)
    {
        var image = 0;
        return new ChatPrompt(
        [
            .. messages.EnumerateArray().Select(m => new ChatTurn(
                m.GetProperty("role").GetString()!,
                m.GetProperty("content") is { ValueKind: JsonValueKind.Array } items
                    ? [.. items.EnumerateArray().SelectMany(i => i.GetProperty("type").GetString() == "image"
                        ? [new ImagePart(image++)]
                        : new ChatPart[] { new TextPart(i.GetProperty("text").GetString()!) })]
                    : [.. Parts(m.GetProperty("content").GetString()!)])),
        ]);

        IEnumerable<ChatPart> Parts(string content)
        {
            var at = 0;
            foreach (Match marker in Markers().Matches(content))
            {
                if (marker.Index > at)
                {
                    yield return new TextPart(content[at..marker.Index]);
                }

                yield return new ImagePart(image++);
                at = marker.Index + marker.Length;
            }

            if (at < content.Length)
            {
                yield return new TextPart(content[at..]);
            }
        }
    }

    [GeneratedRegex(@"<\|image_\d+\|>\n?|<\|vision_start\|><\|image_pad\|><\|vision_end\|>|\[IMG\]|<start_of_image>")]
    private static partial Regex Markers();
}
