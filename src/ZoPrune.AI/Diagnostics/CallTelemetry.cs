using System.Diagnostics;

namespace ZoPrune.AI.Diagnostics;

/// <summary>The activity of one call, and the stages below it.</summary>
/// <remarks>Parents are named explicitly: an async iterator does not carry the current activity from one element to the next.</remarks>
internal sealed class CallTelemetry : IDisposable
{
    private readonly ClientTelemetry _client;
    private readonly Activity? _activity;

    public CallTelemetry(ClientTelemetry client, string modelId)
    {
        _client = client;
        ModelId = modelId;
        _activity = client.Source.StartActivity(ZoPruneTelemetry.CallActivity);
        _activity?.SetTag(ZoPruneTelemetry.ModelTag, modelId);
    }

    public string ModelId { get; }

    public StageScope Begin(string stage, int? image = null)
    {
        var activity = _activity is null
            ? _client.Source.StartActivity(stage)
            : _client.Source.StartActivity(stage, ActivityKind.Internal, _activity.Context);
        activity?.SetTag(ZoPruneTelemetry.ModelTag, ModelId);
        if (image is not null)
        {
            activity?.SetTag(ZoPruneTelemetry.ImageTag, image);
        }

        return new StageScope(this, stage, activity);
    }

    public void CountVisualTokens(int tokens, int kept)
    {
        var model = new KeyValuePair<string, object?>(ZoPruneTelemetry.ModelTag, ModelId);
        _client.VisualTokens.Add(tokens, model);
        _client.VisualTokensKept.Add(kept, model);
    }

    public void CountImage(bool isCached) =>
        (isCached ? _client.VisionCacheHits : _client.VisionCacheMisses)
            .Add(1, new KeyValuePair<string, object?>(ZoPruneTelemetry.ModelTag, ModelId));

    public void CountCachedPromptTokens(int tokens) =>
        _client.CachedPromptTokens.Add(tokens, new KeyValuePair<string, object?>(ZoPruneTelemetry.ModelTag, ModelId));

    public void SetTag(string name, object value) => _activity?.SetTag(name, value);

    public void Fail(Exception exception) => Mark(_activity, exception);

    public void Dispose() => _activity?.Dispose();

    internal static void Mark(Activity? activity, Exception exception)
    {
        // The type alone: messages may name files and addresses.
        activity?.SetStatus(ActivityStatusCode.Error);
        activity?.SetTag("error.type", exception.GetType().FullName);
    }

    internal void Record(string stage, TimeSpan elapsed) => _client.StageDuration.Record(
        elapsed.TotalSeconds,
        new KeyValuePair<string, object?>(ZoPruneTelemetry.StageTag, stage),
        new KeyValuePair<string, object?>(ZoPruneTelemetry.ModelTag, ModelId));
}
