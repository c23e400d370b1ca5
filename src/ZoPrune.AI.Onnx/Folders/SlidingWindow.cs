namespace ZoPrune.AI.Onnx.Folders;

/// <summary>
/// <c>decoder.sliding_window</c>: layers whose attention looks back at most <paramref name="Size"/> tokens and keep a KV cache of
/// <paramref name="Capacity"/> rows.
/// </summary>
/// <param name="Size">Tokens that a layer looks back.</param>
/// <param name="Capacity">Rows of its KV cache.</param>
/// <param name="Layers">The layers that this applies to.</param>
internal sealed record SlidingWindow(int Size, int Capacity, IReadOnlyList<int> Layers)
{
    /// <summary>
    /// The slack that GenAI adds on the CPU when <c>cache_slack</c> is 0 or absent; with it logits are equal to the last bit.
    /// </summary>
    private const int CpuSlack = 16;

    public static SlidingWindow? Read(JsonConfig section, string file)
    {
        if (!section.Exists)
        {
            return null;
        }

        if (section.Bool("slide_inputs") ?? true)
        {
            throw new NotSupportedException(
                $"{file}: decoder.sliding_window.slide_inputs pads prompts to a multiple of the window, which only NPU folders need; it is not supported.");
        }

        var size = section.Int("window_size") ?? 0;
        if (size <= 0)
        {
            throw new ModelFolderException(file, "decoder.sliding_window.window_size must be positive.");
        }

        var slack = section.Int("cache_slack") is { } given and > 0 ? given : CpuSlack;
        return new SlidingWindow(size, size + slack, section.Ints("layers") ?? []);
    }
}
