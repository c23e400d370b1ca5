using System.CommandLine;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Inspection;

namespace ZoPrune.AI.Tool;

/// <summary>The command <c>zoprune inspect</c>.</summary>
internal static class InspectCommand
{
    public static Command Create(TextWriter output)
    {
        var folder = new Argument<string>("FOLDER")
        {
            Description = "The model folder: of ONNX Runtime GenAI (genai_config.json) or in the transformers.js layout (config.json and onnx/).",
        };
        var images = new Option<(int Width, int Height)[]>("--image", "-i")
        {
            Description = "Size of a picture in pixels whose visual tokens are counted; may be repeated. Default: 336x336, 640x480, 1920x1080.",
            HelpName = "WIDTHxHEIGHT",
            CustomParser = ImageSizeArgument.Parse,
            AllowMultipleArgumentsPerToken = true,
        };
        var variant = new Option<string?>("--variant", "-v")
        {
            Description = "The precision to look at where several lie side by side: fp32, fp16, q8, int8, uint8, q4, q4f16, bnb4 or another suffix of a file name.",
            HelpName = "NAME",
        };
        var json = new Option<bool>("--json") { Description = "Write one JSON object instead of text." };
        var open = new Option<bool>("--open") { Description = "Let ONNX Runtime load the graphs, too: slower, but only then it is certain that it can." };
        var command = new Command("inspect", "Says what a model folder is, what it can do, and what keeps it from being loaded. Exit code 0: it would load; 1: it would not; 2: wrong arguments.")
        {
            folder, images, variant, json, open,
        };
        folder.Validators.Add(result =>
        {
            if (string.IsNullOrWhiteSpace(result.GetValueOrDefault<string>()))
            {
                result.AddError("FOLDER is empty.");
            }
        });
        command.SetAction(parsed =>
        {
            var options = new ModelInspectionOptions
            {
                OpenSessions = parsed.GetValue(open),
                Model = new VisionLanguageModelOptions { Variants = parsed.GetValue(variant) is { } name ? GraphVariants.All(name) : null },
            };
            if (parsed.GetValue(images) is { Length: > 0 } sizes)
            {
                options.ImageSizes = sizes;
            }

            var inspection = ModelInspector.Inspect(parsed.GetValue(folder)!, options);
            if (parsed.GetValue(json))
            {
                output.WriteLine(InspectionJson.Write(inspection));
            }
            else
            {
                InspectionText.Write(inspection, output);
            }

            return inspection.CanLoad ? ExitCode.Success : ExitCode.Problems;
        });
        return command;
    }
}
