using System.Numerics.Tensors;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Constraints;
using ZoPrune.AI.Onnx.Text;

namespace ZoPrune.AI.Benchmarks.Kernels;

/// <summary>
/// Text and the tokens of a vocabulary of 32,000: both ways, and masks of JSON. Masks at 152,000 tokens are in structured-output.md.
/// </summary>
public class TextBenchmarks
{
    private const int Tokens = 32;
    private const int Room = 4096;

    private VisionLanguageModel _model = null!;
    private PromptSegment[] _segments = [];
    private int[] _ids = [];
    private TextGrammar _grammar = null!;
    private float[] _noise = [];
    private float[] _logits = [];

    [GlobalSetup]
    public void Open()
    {
        _model = KernelModel.Open("0.1b");
        _segments = [PromptSegment.User(string.Concat(Enumerable.Repeat("What is in the picture, and where is it? ", 25)))];
        _ids = _model.Tokenizer.Encode(_segments).Ids;
        using var schema = JsonDocument.Parse(
            """
            { "type": "object", "properties": { "name": { "type": "string" }, "age": { "type": "integer" },
              "tags": { "type": "array", "items": { "type": "string" }, "minItems": 8 } }, "required": ["name", "age", "tags"] }
            """);
        _grammar = TextGrammar.JsonSchema(schema.RootElement);
        _noise = RandomValues.Normal(_model.Tokenizer.VocabularySize);
        _logits = new float[_noise.Length];
    }

    [GlobalCleanup]
    public void Close() => _model.Dispose();

    /// <summary>A thousand characters.</summary>
    [Benchmark]
    public EncodedText Encode() => _model.Tokenizer.Encode(_segments);

    [Benchmark]
    public string Decode() => _model.Tokenizer.Decode(_ids);

    /// <summary>One token of an answer: its mask, the choice of the largest, and the step behind it.</summary>
    [Benchmark(OperationsPerInvoke = Tokens)]
    public int JsonMask()
    {
        var constraint = _model.CreateConstraint(_grammar);
        var id = 0;
        for (var i = 0; i < Tokens; i++)
        {
            constraint = constraint.IsComplete ? _model.CreateConstraint(_grammar) : constraint;
            _noise.CopyTo(_logits, 0);
            constraint.Apply(_logits, Room);
            constraint.Accept(id = TensorPrimitives.IndexOfMax<float>(_logits));
        }

        return id;
    }
}
