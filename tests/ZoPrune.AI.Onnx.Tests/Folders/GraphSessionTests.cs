using Microsoft.ML.OnnxRuntime;
using ZoPrune.AI.Onnx.Folders;
using ZoPrune.AI.Onnx.Tests.Graphs;

namespace ZoPrune.AI.Onnx.Tests.Folders;

public sealed class GraphSessionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Options_that_were_told_to_end_a_run_serve_the_next_one()
    {
        // As they are left if a call is cancelled just when its run is through.
        using var session = Create(out var file);
        using var options = new RunOptions { Terminate = true };
        using var input = OrtValue.CreateTensorValueFromMemory(new[] { 1f, -2f }, [2]);

        using var outputs = session.Run(["x"], [input], ["y"], Token, options);

        Assert.Equal([1f, 2f], outputs[0].GetTensorDataAsSpan<float>().ToArray());
        Assert.False(options.Terminate);
        Assert.True(File.Exists(file));
    }

    [Fact]
    public void A_call_that_was_cancelled_before_runs_nothing()
    {
        using var session = Create(out _);
        using var options = new RunOptions();
        using var input = OrtValue.CreateTensorValueFromMemory(new[] { 1f, -2f }, [2]);

        Assert.Throws<OperationCanceledException>(() => session.Run(["x"], [input], ["y"], new CancellationToken(canceled: true), options));
        Assert.False(options.Terminate);
    }

    [Fact]
    public void What_the_cpu_computes_lies_in_its_memory()
    {
        var session = Create(out _);
        Assert.True(session.IsOnCpu());

        session.Dispose();
        Assert.Throws<ObjectDisposedException>(() => session.IsOnCpu());
    }

    private static GraphSession Create(out string file)
    {
        file = new TinyGraph("x", 2).Node("Abs", ["x"], "y").Save("y", 2);
        return new GraphSession(new InferenceSession(file), file);
    }
}
