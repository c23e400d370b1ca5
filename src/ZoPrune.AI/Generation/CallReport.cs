using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Generation;

/// <summary>What one call has to tell about its images and its time, collected stage by stage.</summary>
internal sealed class CallReport
{
    private readonly List<ImagePruningReport> _images = [];

    public StageTimes Times { get; private set; } = new();

    public void Add(ImagePruningReport image, StageTimes times)
    {
        _images.Add(image);
        Times = Times with
        {
            ImageRead = Times.ImageRead + times.ImageRead,
            ImageDecode = Times.ImageDecode + times.ImageDecode,
            ImagePreprocess = Times.ImagePreprocess + times.ImagePreprocess,
            Vision = Times.Vision + times.Vision,
            Sensitivity = Times.Sensitivity + image.EstimationTime,
            Selection = Times.Selection + image.SelectionTime,
        };
    }

    public void SetPrefill(TimeSpan time) => Times = Times with { Prefill = time };

    public void SetFirstToken(TimeSpan time) => Times = Times with { FirstToken = time };

    public void SetDecode(TimeSpan time) => Times = Times with { Decode = time };

    public PruningReport ToPruningReport() => new() { Images = [.. _images] };
}
