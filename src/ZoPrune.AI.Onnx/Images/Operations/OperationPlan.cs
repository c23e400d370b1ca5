namespace ZoPrune.AI.Onnx.Images.Operations;

/// <summary>Operations in order with their inputs resolved. Stateless, safe to share.</summary>
internal sealed class OperationPlan
{
    private readonly List<ImageOperation> _operations = [];
    private readonly List<OperationInput[]> _inputs = [];
    private readonly List<int> _lastUses = [];

    public (int Width, int Height)? FixedSize { get; private set; }

    /// <summary>Adds an operation.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="references">Its <c>inputs</c>; null takes all outputs of the operation before.</param>
    public void Add(ImageOperation operation, IReadOnlyList<string>? references)
    {
        var identity = operation.Identity;
        if (operation is DecodeImage != (_operations.Count == 0))
        {
            throw identity.Fault($"stands at place {_operations.Count + 1}; {DecodeImage.TypeName} must come first, and once.");
        }

        var inputs = _operations.Count == 0
            ? []
            : (references ?? [":*"]).SelectMany(reference => OperationInput.Resolve(reference, identity, _operations)).ToArray();
        if (_operations.Count > 0 && inputs.Length != operation.InputCount)
        {
            throw identity.Fault($"takes {operation.InputCount} tensors, but is given {inputs.Length}.");
        }

        foreach (var input in inputs)
        {
            _lastUses[input.Operation] = _operations.Count;
        }

        FixedSize = operation.SizeAfter(FixedSize);
        _operations.Add(operation);
        _inputs.Add(inputs);
        _lastUses.Add(-1);
    }

    /// <summary>Runs all operations on a picture of shape [height, width, 3].</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="buffers">Where the outputs lie; null: in arrays of their own.</param>
    public IReadOnlyList<ImageTensor> Run(ImageTensor picture, PictureBuffers? buffers)
    {
        var outputs = new IReadOnlyList<ImageTensor>[_operations.Count];
        for (var step = 0; step < outputs.Length; step++)
        {
            IReadOnlyList<ImageTensor> inputs = step == 0
                ? [picture]
                : [.. _inputs[step].Select(input => outputs[input.Operation][input.Output])];
            outputs[step] = _operations[step].Apply(inputs, buffers);

            // Intermediate pictures can be large: drop those that nobody asks for any more.
            for (var earlier = 0; earlier < step; earlier++)
            {
                if (_lastUses[earlier] <= step)
                {
                    outputs[earlier] = [];
                }
            }
        }

        return outputs[^1];
    }
}
