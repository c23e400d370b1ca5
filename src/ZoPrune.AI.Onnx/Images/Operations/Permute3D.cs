namespace ZoPrune.AI.Onnx.Images.Operations;

/// <summary>Reorders the axes of a tensor of three: axis i of the result is axis <c>dims[i]</c> of the input.</summary>
internal sealed class Permute3D : ImageOperation
{
    public const string TypeName = "Permute3D";

    private readonly int[] _dims;

    public Permute3D(OperationIdentity identity, OperationAttributes attributes)
        : base(identity)
    {
        var dims = attributes.Integers("dims", 3, [1, 2, 0]);
        if (!dims.Order().SequenceEqual([0, 1, 2]))
        {
            throw identity.Fault($"has 'dims' = [{string.Join(", ", dims)}], which is no order of 0, 1 and 2.");
        }

        _dims = [.. dims.Select(dim => (int)dim)];
    }

    public override IReadOnlyList<ImageTensor> Apply(IReadOnlyList<ImageTensor> inputs, PictureBuffers? buffers)
    {
        var input = inputs[0];
        if (input.ElementType != ImageTensorType.Float32 || input.Shape.Length != 3)
        {
            throw Identity.Fault($"takes Float32 with three axes, but gets {input}.");
        }

        int[] strides = [input.Shape[1] * input.Shape[2], input.Shape[2], 1];
        int[] shape = [input.Shape[_dims[0]], input.Shape[_dims[1]], input.Shape[_dims[2]]];
        var (outer, middle, inner) = (strides[_dims[0]], strides[_dims[1]], strides[_dims[2]]);
        var source = input.Singles.Span;
        var permuted = PictureBuffers.Take<float>(buffers, source.Length);
        var values = permuted.Span;
        var target = 0;
        for (var i = 0; i < shape[0]; i++)
        {
            for (var j = 0; j < shape[1]; j++)
            {
                var position = (i * outer) + (j * middle);
                foreach (ref var value in values.Slice(target, shape[2]))
                {
                    value = source[position];
                    position += inner;
                }

                target += shape[2];
            }
        }

        return [new ImageTensor(permuted, shape)];
    }
}
