namespace ZoPrune.AI.Onnx.Families;

/// <summary>The registry of families: the only place that knows all of them.</summary>
internal static class ModelFamilies
{
    private static readonly ModelFamily[] s_all = [new Gemma3Family()];

    public static ModelFamily For(ModelFolder folder) =>
        s_all.FirstOrDefault(f => f.Types.Contains(folder.Type, StringComparer.Ordinal))
        ?? throw new NotSupportedException(
            $"{folder.ConfigFile}: model.type is '{folder.Type}'; supported are {string.Join(", ", s_all.SelectMany(f => f.Types))}.");
}
