namespace ZoPrune.AI.Onnx.Images.Operations;

/// <summary>Where an operation comes from, for messages.</summary>
/// <param name="File">The file that lists the operation.</param>
/// <param name="Name">The operation's own name.</param>
/// <param name="Type">The registered type.</param>
internal sealed record OperationIdentity(string File, string Name, string Type)
{
    public InvalidDataException Fault(string problem) => new($"{this} {problem}");

    public override string ToString() => $"The image operation '{Name}' ({Type}) of {File}";
}
