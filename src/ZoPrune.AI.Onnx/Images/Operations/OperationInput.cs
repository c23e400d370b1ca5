using System.Globalization;

namespace ZoPrune.AI.Onnx.Images.Operations;

/// <summary>One input of an operation: output <paramref name="Output"/> of operation <paramref name="Operation"/> in list order.</summary>
internal readonly record struct OperationInput(int Operation, int Output)
{
    /// <summary>Resolves one entry of an <c>inputs</c> list: <c>":n"</c>, <c>":*"</c>, <c>"name:n"</c>, <c>"name:*"</c>.</summary>
    /// <param name="reference">The entry.</param>
    /// <param name="identity">The operation that has the entry.</param>
    /// <param name="earlier">The operations before it, in order.</param>
    public static IEnumerable<OperationInput> Resolve(
        string reference, OperationIdentity identity, IReadOnlyList<ImageOperation> earlier)
    {
        var colon = reference.LastIndexOf(':');
        if (colon < 0)
        {
            throw identity.Fault($"has the input '{reference}', which is not of the form 'name:number', ':number' or ':*'.");
        }

        var source = colon == 0 ? earlier.Count - 1 : FindLast(reference[..colon], earlier);
        if (source < 0)
        {
            throw identity.Fault($"has the input '{reference}', but no operation of that name comes before it.");
        }

        var count = earlier[source].OutputCount;
        var output = reference[(colon + 1)..];
        if (output == "*")
        {
            return Enumerable.Range(0, count).Select(number => new OperationInput(source, number));
        }

        if (!int.TryParse(output, NumberStyles.None, CultureInfo.InvariantCulture, out var index) || index >= count)
        {
            throw identity.Fault(
                $"has the input '{reference}', but '{earlier[source].Identity.Name}' has the outputs 0 to {count - 1}.");
        }

        return [new OperationInput(source, index)];
    }

    private static int FindLast(string name, IReadOnlyList<ImageOperation> operations)
    {
        for (var i = operations.Count - 1; i >= 0; i--)
        {
            if (operations[i].Identity.Name == name)
            {
                return i;
            }
        }

        return -1;
    }
}
