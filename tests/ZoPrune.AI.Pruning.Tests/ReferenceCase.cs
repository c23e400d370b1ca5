using System.Collections.Concurrent;
using System.Text.Json;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Pruning.Tests;

/// <summary>One folder of tests/data/reference.</summary>
internal sealed class ReferenceCase
{
    private static readonly ConcurrentDictionary<string, ReferenceCase> Cache = new();

    private readonly Lazy<float[]> _ownZerothOrder;

    private ReferenceCase(string name)
    {
        Name = name;
        using var json = JsonDocument.Parse(File.ReadAllText(TestData.PathTo("reference", name, "case.json")));
        var root = json.RootElement;
        Step = root.GetProperty("h").GetSingle();
        Activation = root.GetProperty("activation").GetString() switch
        {
            "identity" => ProjectorActivation.Identity,
            "relu" => ProjectorActivation.Relu,
            "gelu" => ProjectorActivation.Gelu,
            "gelu_tanh" => ProjectorActivation.GeluTanh,
            "quick_gelu" => ProjectorActivation.QuickGelu,
            "silu" => ProjectorActivation.Silu,
            var other => throw new InvalidDataException(other),
        };
        Selections = root.GetProperty("selections").EnumerateObject().ToDictionary(
            s => s.Name,
            s => new ExpectedSelection(
                s.Value.GetProperty("picks").EnumerateArray().Select(p => p.GetInt32()).ToArray(),
                s.Value.TryGetProperty("margin", out var margin) ? margin.GetDouble() : null));
        Embeddings = Matrix("Z");
        ProjectorInput = Matrix("V");
        Directions = Matrix("U");
        ZerothOrder = Doubles("S");
        ClosedForm = Doubles("C");
        var (w1, w2) = (Matrix("W1"), Matrix("W2"));
        Weights = new ProjectorWeights(
            w1.Values, Singles("b1"), w2.Values, Singles("b2"), w1.Width, w1.Rows, w2.Rows, Activation);
        _ownZerothOrder = new Lazy<float[]>(() => ZerothOrderEstimator
            .WithDirections(new Projector(Weights).Run, Directions, Weights.OutputWidth, new ZerothOrderOptions { Step = Step })
            .Estimate(Tokens, CancellationToken.None));
    }

    public static TheoryData<string> Names { get; } =
    [
        .. Directory.GetDirectories(TestData.PathTo("reference"))
            .Select(folder => Path.GetFileName(folder))
            .Order(StringComparer.Ordinal),
    ];

    public string Name { get; }

    public ProjectorActivation Activation { get; }

    public float Step { get; }

    public TokenMatrix Embeddings { get; }

    public TokenMatrix ProjectorInput { get; }

    public TokenMatrix Directions { get; }

    public ProjectorWeights Weights { get; }

    /// <summary>The recorded zeroth-order sensitivities.</summary>
    public double[] ZerothOrder { get; }

    /// <summary>The recorded closed form.</summary>
    public double[] ClosedForm { get; }

    public IReadOnlyDictionary<string, ExpectedSelection> Selections { get; }

    public PrunableTokens Tokens => new() { Embeddings = Embeddings, ProjectorInput = ProjectorInput };

    public static ReferenceCase Load(string name) => Cache.GetOrAdd(name, n => new ReferenceCase(n));

    /// <summary>What the estimator makes of the recorded directions.</summary>
    public float[] OwnZerothOrder() => [.. _ownZerothOrder.Value];

    /// <summary>What the estimator makes of the recorded weights.</summary>
    public float[] OwnClosedForm() => new ClosedFormEstimator(Weights).Estimate(Tokens, CancellationToken.None);

    private TokenMatrix Matrix(string tensor)
    {
        var file = NpyFile.Read(TestData.PathTo("reference", Name, tensor + ".npy"));
        return new TokenMatrix(file.ToSingles(), file.Shape[0], file.Shape[1]);
    }

    private float[] Singles(string tensor) => NpyFile.Read(TestData.PathTo("reference", Name, tensor + ".npy")).ToSingles();

    private double[] Doubles(string tensor) => NpyFile.Read(TestData.PathTo("reference", Name, tensor + ".npy")).ToDoubles();
}
