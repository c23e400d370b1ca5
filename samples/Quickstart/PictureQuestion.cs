namespace Quickstart;

/// <summary>A picture file and what to ask about it.</summary>
internal sealed record PictureQuestion(string File, string Question)
{
    public static PictureQuestion[] Bundled { get; } =
    [
        new(At("003.png"), "What number is on the tag?"),
        new(At("002.png"), "Which color is the sneaker?"),
        new(At("004.png"), "Describe this picture."),
    ];

    private static string At(string name) => Path.Combine(AppContext.BaseDirectory, "pictures", name);
}
