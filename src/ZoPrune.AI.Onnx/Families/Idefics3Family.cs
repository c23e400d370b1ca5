using System.Globalization;
using ZoPrune.AI.Onnx.Prompts;

namespace ZoPrune.AI.Onnx.Families;

/// <summary>
/// Idefics 3 and SmolVLM: tiles row by row, each behind a marker of its place, then the whole picture (hf-onnx-vlm-folder specification
/// 3.3).
/// </summary>
internal sealed class Idefics3Family(FamilyContext context) : TiledFamily(context)
{
    private const string Fake = "<fake_token_around_image>";
    private const string Global = "<global-img>";

    /// <summary>The file decides.</summary>
    protected override bool? SplitsByDefault => null;

    protected override void PlaceImage(int image, PromptWriter prompt)
    {
        var tokens = prompt.Images[image].Image;
        var tiles = tokens.Tiles;
        if (tiles is null || tiles.Rows == 0)
        {
            prompt.Template(Fake + Global);
            prompt.Image(image);
            prompt.Template(Fake);
            return;
        }

        var (row, each) = (0, tokens.Count / ((tiles.Rows * tiles.Columns) + 1));
        for (var y = 1; y <= tiles.Rows; y++)
        {
            for (var x = 1; x <= tiles.Columns; x++)
            {
                prompt.Template(Fake + string.Create(CultureInfo.InvariantCulture, $"<row_{y}_col_{x}>"));
                prompt.Rows(image, row, each);
                row += each;
            }

            prompt.Template("\n");
        }

        prompt.Template("\n" + Fake + Global);
        prompt.Rows(image, row, tokens.Count - row);
        prompt.Template(Fake);
    }
}
