using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Onnx.Families;

/// <summary>
/// GenAI's <c>gemma3</c>: one square grid of tokens an image, placeholders between image markers, plain positions
/// (genai-model-folder specification 3.4 and 4.9).
/// </summary>
internal sealed class Gemma3Family : ModelFamily
{
    private const string Begin = "<start_of_image>";
    private const string End = "<end_of_image>";

    public override IReadOnlyList<string> Types { get; } = ["gemma3"];

    public override string Placeholder => "<image_soft_token>";

    // Google's own format: a system turn goes in front of the first user text, which the template language says better than code.
    public override string DefaultChatTemplate =>
        """
        {{ bos_token }}
        {%- if messages[0]['role'] == 'system' -%}
            {%- set prefix = (messages[0]['content'] if messages[0]['content'] is string else messages[0]['content'][0]['text']) + '\n\n' -%}
            {%- set turns = messages[1:] -%}
        {%- else -%}
            {%- set prefix = '' -%}
            {%- set turns = messages -%}
        {%- endif -%}
        {%- for message in turns -%}
            {{ '<start_of_turn>' + ('model' if message['role'] == 'assistant' else message['role']) + '\n' + (prefix if loop.first else '') }}
            {%- if message['content'] is string -%}
                {{ message['content'] | trim }}
            {%- else -%}
                {%- for item in message['content'] -%}
                    {%- if item['type'] == 'image' -%}{{ '<start_of_image>' }}{%- else -%}{{ item['text'] | trim }}{%- endif -%}
                {%- endfor -%}
            {%- endif -%}
            {{ '<end_of_turn>\n' }}
        {%- endfor -%}
        {%- if add_generation_prompt -%}{{ '<start_of_turn>model\n' }}{%- endif -%}
        """;

    public override IReadOnlyList<(string Name, ImageTensor Tensor)> VisionInputs(ProcessedImage image) =>
        [("pixel_values", image.Tensors[0].WithBatchAxis())];

    public override TokenGrid? Grid(ProcessedImage image, int tokens)
    {
        var side = (int)Math.Round(Math.Sqrt(tokens));
        return side * side == tokens ? new TokenGrid(side, side) : null;
    }

    public override IReadOnlyList<PromptSegment> PlaceImages(
        IReadOnlyList<PromptSegment> segments, string source, IReadOnlyList<ImageSelection> images, TextTokenizer tokenizer)
    {
        var id = tokenizer.IdOf(Placeholder)!.Value;
        return ImageMarkers.Replace(segments, source, Begin, images.Count, index =>
        [
            PromptSegment.Template("\n\n" + Begin),
            PromptSegment.Tokens(id, images[index].Kept.Count),
            PromptSegment.Template(End + "\n\n"),
        ]);
    }
}
