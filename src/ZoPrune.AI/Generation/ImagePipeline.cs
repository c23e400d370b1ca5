using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
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
[SuppressMessage("Design", "CA1001", Justification = "The semaphore has no handle, and work for other calls may outlive this one.")]
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
    private readonly ConcurrentDictionary<ImageKey, ImageWork> _works = new();

    // One run of the vision graph uses all the threads that the session has: several at once would only hold more memory.
    private readonly SemaphoreSlim _visionTurn = new(1, 1);

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
    /// Reads the images of the call, a few of them at once, and gives what stays of their visual tokens. Adds them to the report, in their
    /// order. An error is that of the first image that has one; nothing runs on behind it but what other calls wait for.
    /// </summary>
    public async Task<ImageSelection[]> ReadAsync(IReadOnlyList<ImageSource> sources, CancellationToken cancellationToken)
    {
        var selections = new ImageSelection[sources.Count];
        await Lookahead.RunAsync(
            sources.Count,
            _client.Options.Images.MaxConcurrency,
            (index, token) => ReadAsync(index, sources.Count, sources[index], token),
            (index, image) => selections[index] = Report(index, image),
            cancellationToken).ConfigureAwait(false);
        return selections;
    }

    /// <summary>One image of several: as it is known, or decoded, processed, encoded and pruned.</summary>
    private async Task<ReadImage> ReadAsync(int index, int count, ImageSource source, CancellationToken cancellationToken)
    {
        var isAlone = _model.ProcessesSingleImagesApart && count == 1;
        var (bytes, key, readTime) = await ReadBytesAsync(index, isAlone, source, cancellationToken).ConfigureAwait(false);
        var isOwn = false;
        ImageWork? work = null;
        CachedImage image;
        PruningResult result;
        if (key is not null && _lease.Caches.Vision.IsEnabled)
        {
            (image, result) = await _lease.Caches.Vision
                .GetAsync(key, _settings, WorkAsync, Retain, cancellationToken)
                .ConfigureAwait(false);
            ImageDecoder.CheckLimits(bytes.Span, image.Width, image.Height, _limits, source.Name);
        }
        else
        {
            (image, result) = await WorkAsync(known: null, cancellationToken).ConfigureAwait(false);
        }

        return new ReadImage(key, image, result, readTime, work);

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

        async Task<(CachedImage Image, PruningResult Result)> WorkAsync(CachedImage? known, CancellationToken token)
        {
            Own();
            if (known is not null && Reprune(index, known, token) is { } selected)
            {
                SetWork(times: null);
                return selected;
            }

            var (made, pruned, times) = await MakeAsync(index, count, source.Name, bytes, key, token).ConfigureAwait(false);
            SetWork(times);
            return (made, pruned);
        }

        void SetWork(StageTimes? times)
        {
            work = new ImageWork(times);
            if (key is not null)
            {
                _works[key] = work;
            }
        }
    }

    /// <summary>Tells what came of an image. Called in the order of the images.</summary>
    private ImageSelection Report(int index, ReadImage read)
    {
        // Of equal pictures the first has had the work, whichever of them it was done for.
        var work = read.Work ?? (read.Key is null ? null : _works.GetValueOrDefault(read.Key));
        work = work is { IsReported: false } ? work : null;
        work?.IsReported = true;

        var report = read.Result.Report;
        report = work is null ? report with { EstimationTime = TimeSpan.Zero, SelectionTime = TimeSpan.Zero } : report;
        report = report with { IsCached = work?.Times is null };
        _telemetry.CountImage(report.IsCached);
        _telemetry.CountVisualTokens(read.Image.Tokens.Count, read.Result.Kept.Length);
        _report.Add(report, (work?.Times ?? new StageTimes()) with { ImageRead = read.ReadTime });
        if (report.IsCached)
        {
            Log.ImageCached(_client.Logger, index);
        }

        LogPruning(index, report);
        return new ImageSelection(read.Image.Tokens, read.Result.Kept);
    }

    /// <summary>Decodes, processes, encodes and prunes an image.</summary>
    private async Task<(CachedImage Image, PruningResult Result, StageTimes Times)> MakeAsync(
        int index, int count, string name, ReadOnlyMemory<byte> bytes, ImageKey? key, CancellationToken cancellationToken)
    {
        // To answer about text, or about pictures that are known, no projector is needed.
        var estimator = FindEstimator();

        // What stays of the image, its visual tokens and what the pruner says of them, has arrays of its own.
        using var buffers = new PictureBuffers();
        var (processed, times) = Prepare(index, count, name, bytes, buffers, cancellationToken);
        var (width, height) = (processed.Width, processed.Height);
        var (tokens, visionTime) = await EncodeAsync(index, processed, MethodOf(estimator), buffers, cancellationToken)
            .ConfigureAwait(false);
        var recording = estimator is null ? null : new RecordingEstimator(estimator);
        var result = Prune(index, tokens, estimator, recording, cancellationToken);
        var image = new CachedImage(key ?? ImageKey.None, width, height, tokens.WithoutProjectorTensors(key?.ToContentId()))
            .With(_settings, result);
        image = recording?.Known is { } sensitivities ? image.With(estimator!, sensitivities) : image;
        return (image, result, times with { Vision = visionTime });
    }

    /// <summary>Decodes and processes an image. Its pixels are not kept: only what the vision graph is fed with waits for its turn.</summary>
    private (ProcessedImage Image, StageTimes Times) Prepare(
        int index, int count, string name, ReadOnlyMemory<byte> bytes, PictureBuffers buffers, CancellationToken cancellationToken)
    {
        var (picture, decodeTime) = Run(
            ZoPruneTelemetry.DecodeImageStage,
            index,
            _ => ImageDecoder.Decode(bytes, _limits, name, _decoding, buffers),
            cancellationToken);
        var (processed, preprocessTime) = Run(
            ZoPruneTelemetry.PreprocessStage, index, _ => Process(picture, count, name, buffers), cancellationToken);
        buffers.GiveBackAllBut(processed.Inputs.Values);
        return (processed, new StageTimes { ImageDecode = decodeTime, ImagePreprocess = preprocessTime });
    }

    /// <summary>Runs the vision graph over an image when no other image of the call has it.</summary>
    private async Task<(VisualTokens Tokens, TimeSpan Time)> EncodeAsync(
        int index, ProcessedImage image, SensitivityMethod? method, PictureBuffers buffers, CancellationToken cancellationToken)
    {
        // Whoever has the turn waits for nothing but its run, so it always comes round.
        await _visionTurn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return Run(
                ZoPruneTelemetry.VisionStage,
                index,
                stage =>
                {
                    var tokens = _model.EncodeImage(image, method, buffers, cancellationToken);
                    stage.SetTag(ZoPruneTelemetry.VisualTokens, tokens.Count);
                    return tokens;
                },
                cancellationToken);
        }
        finally
        {
            _visionTurn.Release();
        }
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

    private ProcessedImage Process(RgbImage picture, int count, string name, PictureBuffers buffers)
    {
        try
        {
            return _model.ProcessImage(picture, count, buffers);
        }
        catch (NotSupportedException e)
        {
            // What processes it does not know which of the request's images it is.
            throw new NotSupportedException($"The image '{name}': {e.Message}", e);
        }
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
