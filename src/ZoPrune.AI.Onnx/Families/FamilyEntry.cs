namespace ZoPrune.AI.Onnx.Families;

/// <summary>One line of the registry: a data file and the class that goes with it.</summary>
/// <param name="Data">The data file.</param>
/// <param name="Create">Makes the family for a folder.</param>
internal sealed record FamilyEntry(FamilyData Data, Func<FamilyContext, ModelFamily> Create);
