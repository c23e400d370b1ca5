using System.ComponentModel;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using ZoPrune.AI.Onnx.Images;

namespace ZoPrune.AI.SemanticKernel.Vision;

/// <summary>
/// The functions of the vision plugin. Names, parameters and descriptions are written for models, results are plain text.
/// </summary>
/// <remarks>
/// What a model can put right (an unknown id, a question that is empty or too long) comes back as text that says how: an exception would
/// reach it, if at all, as a bare failure. Everything else is an exception.
/// </remarks>
internal sealed class VisionPlugin(VisionSource source, VisionPluginOptions options)
{
    private const string Description =
        "Looks at images. Images are named by ids like 'image-1', never by file names or addresses; list_images tells which there are.";

    private const string ImageIdDescription = "The id of the image, exactly as list_images or the user gave it, for example 'image-1'.";

    private const string Brief = "brief";
    private const string Full = "full";

    // What errors list and repeat is bounded: it goes back into a prompt.
    private const int MaxListed = 50;
    private const int MaxRepeated = 80;

    public KernelPlugin ToKernelPlugin()
    {
        return KernelPluginFactory.CreateFromFunctions(
            options.PluginName,
            Description,
            [
                Create(
                    ListImages,
                    "list_images",
                    "Lists the images that can be looked at: id and description, one image a line. Call it first if you do not know "
                    + "the ids."),
                Create(
                    DescribeImageAsync,
                    "describe_image",
                    "Says in words what an image shows. Use it to learn what an image is about; for one particular thing use "
                    + "answer_about_image."),
                Create(
                    AnswerAboutImageAsync,
                    "answer_about_image",
                    "Answers one question about one image by looking at it. Ask one short, concrete question a call."),
                Create(
                    CompareImagesAsync,
                    "compare_images",
                    "Compares two images: what they have in common and what differs, or the answer to a question about both."),
                Create(
                    ReadTextAsync,
                    "read_text",
                    "Reads the text, numbers, labels and signs in an image and returns them as they are written."),
            ]);

        static KernelFunction Create(Delegate method, string name, string description) =>
            KernelFunctionFactory.CreateFromMethod(method, AIJsonUtilities.DefaultOptions, name, description);
    }

    private string ListImages(Kernel kernel) => ToText(source.FindImages(kernel));

    private async Task<string> DescribeImageAsync(
        Kernel kernel,
        [Description(ImageIdDescription)] string image_id,
        [Description("How much to say: 'brief' (the default) or 'full'.")] string detail = Brief,
        CancellationToken cancellationToken = default)
    {
        var prompt = detail?.Trim() switch
        {
            null or "" => options.DescribePrompt,
            var d when d.Equals(Brief, StringComparison.OrdinalIgnoreCase) => options.DescribePrompt,
            var d when d.Equals(Full, StringComparison.OrdinalIgnoreCase) => options.DescribeFullyPrompt,
            _ => null,
        };
        return prompt is null
            ? $"Error: detail must be '{Brief}' or '{Full}'; for a question of your own call answer_about_image."
            : await AskAsync(kernel, image_id, prompt, cancellationToken).ConfigureAwait(false);
    }

    private async Task<string> AnswerAboutImageAsync(
        Kernel kernel,
        [Description(ImageIdDescription)] string image_id,
        [Description("The question, a whole sentence, for example 'How many people are in the picture?'.")] string question,
        CancellationToken cancellationToken = default) =>
        string.IsNullOrWhiteSpace(question)
            ? "Error: the question is empty. Call again with a question, or call describe_image."
            : FindFault(question) ?? await AskAsync(kernel, image_id, question, cancellationToken).ConfigureAwait(false);

    private async Task<string> CompareImagesAsync(
        Kernel kernel,
        [Description("The id of the first image, for example 'image-1'.")] string first_id,
        [Description("The id of the second image, for example 'image-2'.")] string second_id,
        [Description("Optional: what to compare, as a question, for example 'Which one has more people?'.")] string? question = null,
        CancellationToken cancellationToken = default)
    {
        var images = source.FindImages(kernel);
        if (Find(images, first_id, out var first) is { } firstError)
        {
            return firstError;
        }

        if (Find(images, second_id, out var second) is { } secondError)
        {
            return secondError;
        }

        if (FindFault(question) is { } fault)
        {
            return fault;
        }

        var asked = string.IsNullOrWhiteSpace(question) ? null : question;
        if (options.ComparesTogether)
        {
            return await AskAsync(kernel, [first!, second!], asked ?? options.ComparePrompt, cancellationToken).ConfigureAwait(false);
        }

        var one = await AskAsync(kernel, [first!], asked ?? options.DescribePrompt, cancellationToken).ConfigureAwait(false);
        var other = await AskAsync(kernel, [second!], asked ?? options.DescribePrompt, cancellationToken).ConfigureAwait(false);
        return $"{first!.Id}: {one}\n{second!.Id}: {other}";
    }

    private Task<string> ReadTextAsync(
        Kernel kernel, [Description(ImageIdDescription)] string image_id, CancellationToken cancellationToken = default) =>
        AskAsync(kernel, image_id, options.ReadTextPrompt, cancellationToken);

    private async Task<string> AskAsync(Kernel kernel, string imageId, string question, CancellationToken cancellationToken) =>
        Find(source.FindImages(kernel), imageId, out var image)
        ?? await AskAsync(kernel, [image!], question, cancellationToken).ConfigureAwait(false);

    private async Task<string> AskAsync(Kernel kernel, StoredImage[] images, string question, CancellationToken cancellationToken)
    {
        // The question is text of a user's turn, whatever it says: our client lets no control token be written in it.
        var message = new ChatMessage(
            ChatRole.User,
            [
                .. images.Select(i => new DataContent(i.Data, i.MediaType) { Name = i.Id }),
                new Microsoft.Extensions.AI.TextContent(question),
            ]);
        try
        {
            var response = await source.FindClient(kernel)
                .GetResponseAsync([message], options.ChatOptions.Clone(), cancellationToken)
                .ConfigureAwait(false);
            var answer = response.Text.Trim();
            return answer.Length > 0 ? answer : "The vision model gave no answer.";
        }
        catch (ImageDecodingException)
        {
            return $"Error: {string.Join(" or ", images.Select(i => i.Id).Distinct())} is damaged or of a kind that cannot be read. "
                + "Asking again will not help; tell the user.";
        }
        catch (ContextLengthExceededException)
        {
            return "Error: the question and the image are too long for the vision model. Ask a shorter question.";
        }
    }

    /// <summary>Finds an image; what is returned otherwise is for the model to read.</summary>
    private static string? Find(ImageStore images, string? id, out StoredImage? image)
    {
        image = null;
        var name = (id ?? string.Empty).Trim();
        if (images.TryGet(name, out image))
        {
            return null;
        }

        var shown = name.Length > MaxRepeated ? name[..MaxRepeated] + "…" : name;
        return images.Count == 0
            ? $"Error: there is no image '{shown}'. The user has given no images yet; ask for one."
            : $"Error: there is no image '{shown}'. Images are named by id only, not by file name or address. The ids are:\n"
                + ToText(images) + "\nCall again with one of them.";
    }

    /// <summary>What is wrong with a question of the model; the prompts of the options are as long as they are.</summary>
    private string? FindFault(string? question) => question is null || question.Length <= options.MaxQuestionLength
        ? null
        : string.Create(
            CultureInfo.InvariantCulture,
            $"Error: the question has {question.Length} characters; ask one with at most {options.MaxQuestionLength}.");

    private static string ToText(ImageStore store)
    {
        var images = store.ToList();
        if (images.Count == 0)
        {
            return "There are no images. Ask the user for one.";
        }

        // The newest are the ones that are talked about.
        var list = new StringBuilder();
        foreach (var image in images.Skip(Math.Max(0, images.Count - MaxListed)))
        {
            list.Append(list.Length > 0 ? "\n" : string.Empty).Append(image.Id);
            if (!string.IsNullOrWhiteSpace(image.Description))
            {
                list.Append(": ").Append(image.Description.ReplaceLineEndings(" ").Trim());
            }
        }

        return images.Count > MaxListed
            ? list.Append(CultureInfo.InvariantCulture, $"\n({images.Count - MaxListed} older images are not listed)").ToString()
            : list.ToString();
    }
}
