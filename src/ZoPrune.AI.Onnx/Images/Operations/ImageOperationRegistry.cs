using System.Collections.Frozen;
using System.Text.Json;

namespace ZoPrune.AI.Onnx.Images.Operations;

/// <summary>The operation types that a processor file can name.</summary>
internal static class ImageOperationRegistry
{
    private static readonly FrozenDictionary<string, Func<OperationIdentity, OperationAttributes, ImageOperation>> Creators =
        new Dictionary<string, Func<OperationIdentity, OperationAttributes, ImageOperation>>(StringComparer.Ordinal)
        {
            [DecodeImage.TypeName] = Strict((identity, attributes) => new DecodeImage(identity, attributes)),
            [Resize.TypeName] = Strict((identity, attributes) => new Resize(identity, attributes)),
            [Rescale.TypeName] = Strict((identity, attributes) => new Rescale(identity, attributes)),
            [Normalize.TypeName] = Strict((identity, attributes) => new Normalize(identity, attributes)),
            [CenterCrop.TypeName] = Strict((identity, attributes) => new CenterCrop(identity, attributes)),
            [Permute3D.TypeName] = Strict((identity, attributes) => new Permute3D(identity, attributes)),
            [PatchImage.TypeName] = Strict((identity, attributes) => new PatchImage(identity, attributes)),
            [PixtralImageSizes.TypeName] = Strict((identity, _) => new PixtralImageSizes(identity)),
            [Gemma4ImageTransform.TypeName] = Strict((identity, attributes) => new Gemma4ImageTransform(identity, attributes)),
            [Phi4VisionDynamicPreprocess.TypeName] =
                Strict((identity, attributes) => new Phi4VisionDynamicPreprocess(identity, attributes)),
            [Phi4VisionProcessor.TypeName] = Strict((identity, attributes) => new Phi4VisionProcessor(identity, attributes)),
            [Llama3ImageTransform.TypeName] = Llama3ImageTransform.Refuse,

            // GenAI ignores the attributes of the operations that it implements as plain functions.
            [ConvertRgb.TypeName] = (identity, _) => new ConvertRgb(identity),
            [Phi3ImageTransform.TypeName] = (identity, _) => new Phi3ImageTransform(identity),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Makes an operation.</summary>
    /// <exception cref="NotSupportedException">The type is not registered.</exception>
    /// <exception cref="InvalidDataException">An attribute is unknown or has a wrong value.</exception>
    public static ImageOperation Create(OperationIdentity identity, JsonElement? attributes)
    {
        if (!Creators.TryGetValue(identity.Type, out var create))
        {
            var supported = string.Join(
                ", ", Creators.Keys.Where(type => type != Llama3ImageTransform.TypeName).Order(StringComparer.Ordinal));
            throw new NotSupportedException($"{identity} is of a type that is not supported. Supported types: {supported}.");
        }

        return create(identity, new OperationAttributes(identity, attributes));
    }

    private static Func<OperationIdentity, OperationAttributes, ImageOperation> Strict(
        Func<OperationIdentity, OperationAttributes, ImageOperation> create) => (identity, attributes) =>
    {
        var operation = create(identity, attributes);
        attributes.RejectUnknown();
        return operation;
    };
}
