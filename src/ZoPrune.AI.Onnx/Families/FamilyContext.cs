using ZoPrune.AI.Onnx.Text;

namespace ZoPrune.AI.Onnx.Families;

/// <summary>What a family is made for: one folder, with what its data file says and the folder's tokenizer.</summary>
internal sealed record FamilyContext(ModelFolder Folder, FamilyData Data, TextTokenizer Tokenizer);
