using ZoPrune.AI.Onnx.Folders;

namespace ZoPrune.AI.Onnx.Language;

/// <summary>What may generate from one folder: this library's own sessions, or a backend. Each is opened when it is first needed.</summary>
/// <param name="parts">The folder.</param>
/// <param name="sessions">Opens the own sessions.</param>
/// <param name="backend">The backend, if one was asked for.</param>
/// <param name="threads">Threads inside one operation of the backend.</param>
internal sealed class LanguageModels(ModelParts parts, GraphSessionFactory sessions, LanguageModelBackend? backend, int? threads) : IDisposable
{
    private readonly Lock _ownGate = new();
    private readonly Lock _backendGate = new();
    private LanguageModel? _own;
    private ILanguageModel? _other;
    private volatile bool _isDisposed;

    /// <summary>
    /// What generates unless a prompt says otherwise. Pruned tokens with a place in a grid keep it, which a backend that numbers tokens
    /// itself cannot do.
    /// </summary>
    public ILanguageModel Usual => backend is null || (!backend.TakesPositions && parts.Family.Positions.IsMultiAxis) ? Own : Backend;

    /// <summary>What generates from a prompt.</summary>
    public ILanguageModel For(EncodedPrompt prompt) =>
        backend is null || (!backend.TakesPositions && prompt.Policy == PositionPolicy.Original && prompt.VisualTokensKept < prompt.VisualTokens)
            ? Own
            : Backend;

    private LanguageModel Own
    {
        get
        {
            lock (_ownGate)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, typeof(VisionLanguageModel));
                return _own ??= new LanguageModel(parts.Language, sessions, PrefixReuse.ChooseIds(parts.Language, parts.Tokenizer));
            }
        }
    }

    private ILanguageModel Backend
    {
        get
        {
            lock (_backendGate)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, typeof(VisionLanguageModel));
                return _other ??= backend!.Open(parts, threads);
            }
        }
    }

    public void Dispose()
    {
        _isDisposed = true;
        lock (_ownGate)
        {
            _own?.Dispose();
        }

        lock (_backendGate)
        {
            _other?.Dispose();
        }
    }
}
