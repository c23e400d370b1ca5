using System.Collections.Concurrent;
using System.Diagnostics;

namespace ZoPrune.AI.Tests.Support;

/// <summary>
/// The activities of one test's calls: those below an activity that the test itself starts. Other tests run at the same time.
/// </summary>
public sealed class Spans : IDisposable
{
    private readonly ActivityListener _listener;
    private readonly Activity _root;
    private readonly ConcurrentQueue<Activity> _started = new();
    private readonly ConcurrentQueue<Activity> _stopped = new();

    public Spans(Action<Activity>? onStart = null, Action<Activity>? onStop = null)
    {
        _root = new Activity("test").SetIdFormat(ActivityIdFormat.W3C).Start();
        _listener = new ActivityListener
        {
            ShouldListenTo = s => s.Name == ZoPruneTelemetry.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStarted = a =>
            {
                if (a.TraceId == _root.TraceId)
                {
                    _started.Enqueue(a);
                    onStart?.Invoke(a);
                }
            },
            ActivityStopped = a =>
            {
                if (a.TraceId == _root.TraceId)
                {
                    _stopped.Enqueue(a);
                    onStop?.Invoke(a);
                }
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public ActivitySpanId RootId => _root.SpanId;

    public IReadOnlyList<Activity> Stopped => [.. _stopped];

    public IReadOnlyList<Activity> Started => [.. _started];

    public IReadOnlyList<string> StartedNames => [.. _started.Select(a => a.OperationName)];

    public Activity Single(string name) => Assert.Single(_stopped, a => a.OperationName == name);

    public void Dispose()
    {
        _listener.Dispose();
        _root.Dispose();
    }
}
