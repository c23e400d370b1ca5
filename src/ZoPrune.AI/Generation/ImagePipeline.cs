using Microsoft.Extensions.Logging;
using ZoPrune.AI.Configuration;
using ZoPrune.AI.Content;
using ZoPrune.AI.Diagnostics;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Generation;

/// <summary>The way of one call's images from their bytes to the visual tokens that stay.</summary>
internal sealed class ImagePipeline
{
    private readonly ClientServices _client;
    private readonly VisionLanguageModel _model;
    private readonly CallTelemetry _telemetry;
    private readonly CallReport _report;
    private readonly ImageLimits _limits;
    private readonly EstimatorCache _estimators;
    private readonly PruningSettings _settings;
    private SensitivityMethod? _method;
    private TokenPruner? _pruner;

    public ImagePipeline(ClientServices client, ModelLease lease, PruningSettings settings, CallTelemetry telemetry, CallReport report)
    {
        _client = client;
        _model = lease.Model;
        _telemetry = telemetry;
        _report = report;
        _limits = client.Options.Images.ToLimits();
        _estimators = lease.Estimators;
        _settings = settings;
    }

    /// <summary>Reads, decodes, processes, encodes and prunes one image of several, and adds it to the report.</summary>
    public async Task<ImageSelection> ReadAsync(int index, int count, ImageSource source, CancellationToken cancellationToken)
    {
        // Not before there is an image: to answer about text no projector is needed.
        _pruner ??= CreatePruner();
        var (bytes, readTime) = await ReadBytesAsync(index, source, cancellationToken).ConfigureAwait(false);
        var decoding = _model.ImageDecoding;
        decoding = decoding with { Orientation = _client.Options.Images.Orientation ?? decoding.Orientation };
        var (picture, decodeTime) = Run(
            ZoPruneTelemetry.DecodeImageStage, index, _ => ImageDecoder.Decode(bytes, _limits, source.Name, decoding), cancellationToken);
        var (processed, preprocessTime) = Run(
            ZoPruneTelemetry.PreprocessStage, index, _ => Process(picture, count, source.Name), cancellationToken);
        var (tokens, visionTime) = Run(
            ZoPruneTelemetry.VisionStage, index, stage => Encode(processed, stage, cancellationToken), cancellationToken);
        var (result, _) = Run(ZoPruneTelemetry.PruneStage, index, stage => Prune(tokens, stage, cancellationToken), cancellationToken);

        _telemetry.CountVisualTokens(tokens.Count, result.Kept.Length);
        _report.Add(
            result.Report,
            new StageTimes { ImageRead = readTime, ImageDecode = decodeTime, ImagePreprocess = preprocessTime, Vision = visionTime });
        LogPruning(index, result.Report);
        return new ImageSelection(tokens, result.Kept);
    }

    private TokenPruner CreatePruner()
    {
        var settings = _settings;
        var selector = CreateSelector(settings);
        var estimator = settings.IncludeSensitivities || (settings.MayPrune && selector.UsesSensitivity)
            ? _estimators.Get(settings.Estimator)
            : null;
        if (_model.NoEstimatorReason is { } reason && settings.MayPrune && selector.UsesSensitivity && _estimators.AnnounceMissing())
        {
            Log.NoSensitivity(_client.Logger, _model.ModelId, reason);
        }

        _method = estimator switch
        {
            null => null,
            ZerothOrderEstimator => SensitivityMethod.ZerothOrder,
            _ => SensitivityMethod.ClosedForm,
        };
        return new TokenPruner(
            estimator,
            selector,
            settings.ToBudget(),
            new TokenPrunerOptions
            {
                IncludeSensitivities = settings.IncludeSensitivities,
                NoEstimatorReason = _model.NoEstimatorReason,
                EstimatorNote = settings.Estimator.Estimation == SensitivityEstimation.ZerothOrder && estimator is NormalizedLinearEstimator
                    ? "the projector is one affine map, whose finite differences are the same for every token: measured in closed form with the normalisation before it"
                    : null,
            });
    }

    private static TokenSelector CreateSelector(PruningSettings settings) => settings.Selector switch
    {
        TokenSelection.SadsProportional => new SadsSelector(SadsOptions.Proportional with { Cosine = settings.CosineSpace }),
        TokenSelection.Sads => new SadsSelector(SadsOptions.Published with { Cosine = settings.CosineSpace }),
        TokenSelection.DivPrune => new DivPruneSelector(settings.CosineSpace),
        TokenSelection.TopSensitivity => new TopSensitivitySelector(),
        TokenSelection.Random => new RandomSelector(settings.Estimator.Seed),
        TokenSelection.UniformGrid => new UniformGridSelector(),
        var other => throw new NotSupportedException($"The selection rule {other} is unknown."),
    };

    private async Task<(ReadOnlyMemory<byte> Bytes, TimeSpan Time)> ReadBytesAsync(
        int index, ImageSource source, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var stage = _telemetry.Begin(ZoPruneTelemetry.ReadStage, index);
        try
        {
            var bytes = await _client.Images.ReadAsync(source, cancellationToken).ConfigureAwait(false);
            return (bytes, stage.End());
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            stage.Fail(e);
            throw;
        }
    }

    private (T Result, TimeSpan Time) Run<T>(string name, int index, Func<StageScope, T> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var stage = _telemetry.Begin(name, index);
        try
        {
            var result = work(stage);
            return (result, stage.End());
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            stage.Fail(e);
            throw;
        }
    }

    private ProcessedImage Process(RgbImage picture, int count, string name)
    {
        try
        {
            return _model.ProcessImage(picture, count);
        }
        catch (NotSupportedException e)
        {
            // What processes it does not know which of the request's images it is.
            throw new NotSupportedException($"The image '{name}': {e.Message}", e);
        }
    }

    private VisualTokens Encode(ProcessedImage image, StageScope stage, CancellationToken cancellationToken)
    {
        var tokens = _model.EncodeImage(image, _method, cancellationToken);
        stage.SetTag(ZoPruneTelemetry.VisualTokens, tokens.Count);
        return tokens;
    }

    private PruningResult Prune(VisualTokens tokens, StageScope stage, CancellationToken cancellationToken)
    {
        var result = _pruner!.Prune(tokens.Tokens, cancellationToken);
        stage.SetTag(ZoPruneTelemetry.VisualTokens, tokens.Count);
        stage.SetTag(ZoPruneTelemetry.VisualTokensKept, result.Kept.Length);
        return result;
    }

    private void LogPruning(int index, ImagePruningReport report)
    {
        Log.ImagePruned(_client.Logger, index, report.VisualTokens, report.VisualTokensKept);
        if (!_client.Logger.IsEnabled(LogLevel.Debug))
        {
            return;
        }

        foreach (var note in report.Notes)
        {
            Log.PruningNote(_client.Logger, index, note);
        }
    }
}
