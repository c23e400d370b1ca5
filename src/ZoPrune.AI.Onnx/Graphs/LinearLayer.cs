using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Graphs.Layers;

namespace ZoPrune.AI.Onnx.Graphs;

/// <summary>One affine map in a graph: a product with a constant matrix, and the bias that is added to it.</summary>
/// <param name="Input">The tensor that is multiplied, before it is quantised for the product.</param>
/// <param name="Output">The result, behind the bias.</param>
/// <param name="Weight">The matrix, in the numbers that it stands for.</param>
/// <param name="WeightIsOutIn">Whether the matrix is [out, in] (Gemm with transB, packed weights); otherwise it is [in, out].</param>
/// <param name="Scale">What the product is multiplied by.</param>
/// <param name="Bias">The bias, [out] or one value, if there is one.</param>
internal sealed record LinearLayer(
    string Input,
    string Output,
    ConstantTensor Weight,
    bool WeightIsOutIn,
    float Scale,
    ConstantTensor? Bias)
{
    public int InputWidth => (int)Weight.Shape[WeightIsOutIn ? 1 : 0];

    public int OutputWidth => (int)Weight.Shape[WeightIsOutIn ? 0 : 1];

    /// <summary>Whether the bias is added by the node of the activation behind, so that <see cref="Output"/> lacks it.</summary>
    public bool BiasIsInActivation { get; init; }

    /// <summary>The element type of <see cref="Input"/>: that of the matrix, or of what it is de-quantised to.</summary>
    public TensorElementType InputType => Weight.ElementType;

    /// <summary>Recognises the affine map that produces a tensor.</summary>
    public static LinearLayer? Find(OnnxGraph graph, string tensor) => LinearRecognizers.Find(graph, tensor);

    /// <summary>Puts a map together; <c>null</c> if the matrix is missing, is no matrix, or the bias does not fit it.</summary>
    public static LinearLayer? Create(
        string input, string output, ConstantTensor? weight, bool weightIsOutIn, float scale, ConstantTensor? bias)
    {
        if (input.Length == 0 || weight is not { Shape: [> 0 and <= int.MaxValue, > 0 and <= int.MaxValue] })
        {
            return null;
        }

        var layer = new LinearLayer(input, output, weight, weightIsOutIn, scale, bias);
        return bias is null || BiasedProduct.IsBias(bias, layer.OutputWidth) ? layer : null;
    }

    /// <summary>The matrix as [out, in] row-major float32, scaled.</summary>
    /// <exception cref="ModelFolderException">Its data is missing or damaged.</exception>
    public float[] ReadMatrix()
    {
        var values = WeightIsOutIn ? Weight.Values() : MatrixLayout.Transpose(Weight.Values(), InputWidth, OutputWidth);
        if (Scale != 1)
        {
            System.Numerics.Tensors.TensorPrimitives.Multiply(values, Scale, values);
        }

        return values;
    }

    /// <summary>The bias [out]; <c>null</c> if there is none.</summary>
    /// <exception cref="ModelFolderException">Its data is missing or damaged.</exception>
    public float[]? ReadBias()
    {
        if (Bias is null)
        {
            return null;
        }

        var values = Bias.Values();
        if (values.Length == OutputWidth)
        {
            return values;
        }

        var all = new float[OutputWidth];
        Array.Fill(all, values[0]);
        return all;
    }
}
