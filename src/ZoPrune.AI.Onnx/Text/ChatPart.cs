namespace ZoPrune.AI.Onnx.Text;

/// <summary>A part of a chat turn: <see cref="TextPart"/> or <see cref="ImagePart"/>.</summary>
public abstract record ChatPart
{
    private protected ChatPart()
    {
    }
}
