using Microsoft.Extensions.Logging;
using ZoPrune.AI.Caching;
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
    private readonly ModelLease _lease;
    private readonly VisionLanguageModel _model;
    private readonly CallTelemetry _telemetry;
    private readonly CallReport _report;
    private readonly ImageLimits _limits;
    private readonly PruningSettings _settings;
    private readonly ImageDecodingOptions _decoding;

    public ImagePipeline(ClientServices client, ModelLease lease, PruningSettings settings, CallTelemetry telemetry, CallReport report)
    {
        _client = client;
        _lease = lease;
        _model = lease.Model;
        _telemetry = telemetry;
        _report = report;
        _limits = client.Options.Images.ToLimits();
        _settings = settings.ToSelectionKey();
        _decoding = _model.ImageDecoding;
        _decoding = _decoding with { Orientation = client.Options.Images.Orientation ?? _decoding.Orientation };
    }

    /// <summary>
    /// Reads one image of several, and gives what stays of its visual tokens: as it is known, or decoded, processed, encoded and pruned.
    /// Adds it to the report.
    /// </summary>
    public async Task<ImageSelection> ReadAsync(int index, int count, ImageSource source, CancellationToken cancellationToken)
    {
        var isAlone = _model.ProcessesSingleImagesApart && count == 1;
        var (bytes, key, readTime) = await ReadBytesAsync(index, isAlone, source, cancellationToken).ConfigureAwait(false);
        StageTimes? times = null;
        var isOwn = false;
        CachedImage image;
        PruningResult result;
        var isKnown = false;
        if (key is not null && _lease.Caches.Vision.IsEnabled)
        {
            (image, result, isKnown) = await _lease.Caches.Vision
                .GetAsync(key, _settings, Work, Retain, cancellationToken)
                .ConfigureAwait(false);
            ImageDecoder.CheckLimits(bytes.Span, image.Width, image.Height, _limits, source.Name);
        }
        else
        {
            (image, result) = Work(known: null, cancellationToken);
        }

        var report = isKnown ? result.Report with { EstimationTime = TimeSpan.Zero, SelectionTime = TimeSpan.Zero } : result.Report;
        report = report with { IsCached = times is null };
        _telemetry.CountImage(report.IsCached);
        _telemetry.CountVisualTokens(image.Tokens.Count, result.Kept.Length);
        _report.Add(report, (times ?? new StageTimes()) with { ImageRead = readTime });
        if (report.IsCached)
        {
            Log.ImageCached(_client.Logger, index);
        }

        LogPruning(index, report);
        return new ImageSelection(image.Tokens, result.Kept);

        // The work may be waited for by other calls when this one has ended: then the bytes are the caller's again.
        ModelLease Retain()
        {
            Own();
            return _lease.Share();
        }

        // What is kept under a key must be what the key was made of, whatever the caller does with the bytes meanwhile.
        void Own()
        {
            if (key is null || isOwn)
            {
                return;
            }

            (bytes, isOwn) = (bytes.ToArray(), true);
            if (ImageKey.Of(bytes.Span, _decoding.Orientation, isAlone) != key)
            {
                throw new ArgumentException($"The image '{source.Name}' was changed while the call read it.");
            }
        }

        (CachedImage Image, PruningResult Result) Work(CachedImage? known, CancellationToken token)
        {
            Own();
            return known is not null && Reprune(index, known, token) is { } made
                ? made
                : Make(index, count, source.Name, bytes, key, out times, token);
        }
    }

    /// <summary>Decodes, processes, encodes and prunes an image.</summary>
    private (CachedImage Image, PruningResult Result) Make(
        int index, int count, string name, ReadOnlyMemory<byte> bytes, ImageKey? key, out StageTimes times, CancellationToken cancellationToken)
    {
        // To answer about text, or about pictures that are known, no projector is needed.
        var estimator = FindEstimator();
        var (picture, decodeTime) = Run(
            ZoPruneTelemetry.DecodeImageStage, index, _ => ImageDecoder.Decode(bytes, _limits, name, _decoding), cancellationToken);
        var (processed, preprocessTime) = Run(
            ZoPruneTelemetry.PreprocessStage, index, _ => Process(picture, count, name), cancellationToken);
        var (tokens, visionTime) = Run(
            ZoPruneTelemetry.VisionStage, index, stage => Encode(processed, MethodOf(estimator), stage, cancellationToken), cancellationToken);
        var recording = estimator is null ? null : new RecordingEstimator(estimator);
        var result = Prune(index, tokens, estimator, recording, cancellationToken);
        times = new StageTimes { ImageDecode = decodeTime, ImagePreprocess = preprocessTime, Vision = visionTime };
        var image = new CachedImage(key ?? ImageKey.None, picture.Width, picture.Height, tokens.WithoutProjectorTensors(key?.ToContentId()))
            .With(_settings, result);
        return (recording?.Known is { } sensitivities ? image.With(estimator!, sensitivities) : image, result);
    }

    /// <summary>Selects anew among the visual tokens of a picture that is known, with settings that were not used for it before.</summary>
    /// <returns><see langword="null"/> if what is known is not enough.</returns>
    private (CachedImage Image, PruningResult Result)? Reprune(int index, CachedImage known, CancellationToken cancellationToken)
    {
        var estimator = FindEstimator();
        var sensitivities = estimator is null ? null : known.Sensitivities.GetValueOrDefault(estimator);
        if (estimator is not null && sensitivities is null && known.Tokens.Tokens.NoSensitivityReason is null)
        {
            return null;
        }

        var result = Prune(index, known.Tokens, estimator, sensitivities, cancellationToken);
        return (known.With(_settings, result), result);
    }

    /// <summary>The estimator that the settings ask for; <see langword="null"/> if nothing is going to be estimated.</summary>
    private SensitivityEstimator? FindEstimator()
    {
        var usesSensitivity = _settings.MayPrune && CreateSelector(_settings).UsesSensitivity;
        if (_model.NoEstimatorReason is { } reason && usesSensitivity && _lease.AnnounceMissingEstimator())
        {
            Log.NoSensitivity(_client.Logger, _model.ModelId, reason);
        }

        return _settings.IncludeSensitivities || usesSensitivity ? _lease.Estimators.Get(_settings.Estimator) : null;
    }

    private static SensitivityMethod? MethodOf(SensitivityEstimator? estimator) => estimator switch
    {
        null => null,
        ZerothOrderEstimator => SensitivityMethod.ZerothOrder,
        _ => SensitivityMethod.ClosedForm,
    };

    /// <param name="index">The image's number.</param>
    /// <param name="tokens">Its visual tokens.</param>
    /// <param name="estimator">The model's estimator, for reports.</param>
    /// <param name="used">What stands for it here.</param>
    /// <param name="cancellationToken">Stops it.</param>
    private PruningResult Prune(
        int index, VisualTokens tokens, SensitivityEstimator? estimator, SensitivityEstimator? used, CancellationToken cancellationToken)
    {
        var pruner = new TokenPruner(
            used,
            CreateSelector(_settings),
            _settings.ToBudget(),
            new TokenPrunerOptions
            {
                IncludeSensitivities = _settings.IncludeSensitivities,
                NoEstimatorReason = _model.NoEstimatorReason,
                EstimatorNote = _settings.Estimator.Estimation == SensitivityEstimation.ZerothOrder && estimator is NormalizedLinearEstimator
                    ? "the projector is one affine map, whose finite differences are the same for every token: measured in closed form with the normalisation before it"
                    : null,
            });
        return Run(
            ZoPruneTelemetry.PruneStage,
            index,
            stage =>
            {
                var result = pruner.Prune(tokens.Tokens, cancellationToken);
                stage.SetTag(ZoPruneTelemetry.VisualTokens, tokens.Count);
                stage.SetTag(ZoPruneTelemetry.VisualTokensKept, result.Kept.Length);
                return result;
            },
            cancellationToken).Result;
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

    private async Task<(ReadOnlyMemory<byte> Bytes, ImageKey? Key, TimeSpan Time)> ReadBytesAsync(
        int index, bool isAlone, ImageSource source, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var stage = _telemetry.Begin(ZoPruneTelemetry.ReadStage, index);
        try
        {
            var bytes = await _client.Images.ReadAsync(source, cancellationToken).ConfigureAwait(false);
            var isKeyWanted = (_lease.Caches.Vision.IsEnabled || _lease.Caches.Sequences.MaxBytes > 0) && bytes.Length <= _limits.MaxBytes;
            var key = isKeyWanted ? ImageKey.Of(bytes.Span, _decoding.Orientation, isAlone) : null;
            return (bytes, key, stage.End());
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

    private VisualTokens Encode(ProcessedImage image, SensitivityMethod? method, StageScope stage, CancellationToken cancellationToken)
    {
        var tokens = _model.EncodeImage(image, method, cancellationToken);
        stage.SetTag(ZoPruneTelemetry.VisualTokens, tokens.Count);
        return tokens;
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
