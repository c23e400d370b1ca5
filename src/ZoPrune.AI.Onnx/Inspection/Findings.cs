namespace ZoPrune.AI.Onnx.Inspection;

/// <summary>Collects what is wrong, each fault once: parts that need a damaged part fail with its exception.</summary>
internal sealed class Findings
{
    private readonly HashSet<Exception> _seen = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<string> _messages = new(StringComparer.Ordinal);
    private readonly List<InspectionProblem> _problems = [];
    private readonly List<InspectionProblem> _warnings = [];

    public IReadOnlyList<InspectionProblem> Problems => _problems;

    public IReadOnlyList<InspectionProblem> Warnings => _warnings;

    /// <summary>What a reader gives; <c>null</c> if it fails, which becomes a problem.</summary>
    public T? Try<T>(Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (Exception e)
        {
            // An inspection is for damaged folders: whatever happens there is a finding.
            Add(e);
            return null;
        }
    }

    /// <summary>The same for a check without a result.</summary>
    public void Check(Action check) => Try(() =>
    {
        check();
        return this;
    });

    /// <summary>What a reader gives; <c>null</c> if it fails, which is known already.</summary>
    public static T? Quietly<T>(Func<T?> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (ModelFolderException)
        {
            return null;
        }
    }

    public void Warn(string? file, string message) => _warnings.Add(new InspectionProblem(file, message));

    /// <summary>Adds a fault, unless it is known.</summary>
    public void Add(Exception e)
    {
        if (_seen.Add(e) && _messages.Add(e.Message))
        {
            _problems.Add(new InspectionProblem((e as ModelFolderException)?.Path, e is ModelFolderException or NotSupportedException ? e.Message : $"{e.GetType().Name}: {e.Message}"));
        }
    }
}
