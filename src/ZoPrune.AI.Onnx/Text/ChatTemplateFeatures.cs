namespace ZoPrune.AI.Onnx.Text;

/// <summary>What a chat template can express.</summary>
[Flags]
internal enum ChatTemplateFeatures
{
    /// <summary>Turns of text only.</summary>
    None = 0,

    /// <summary>It writes the tools that it is given.</summary>
    Tools = 1,

    /// <summary>It writes a system turn, wherever it puts it.</summary>
    SystemRole = 2,

    /// <summary>It writes a marker for an image item in the content of a user turn.</summary>
    ImageItems = 4,

    /// <summary>It writes tools that stand as JSON text in the <c>tools</c> of a system turn.</summary>
    ToolsInSystemTurn = 8,
}
