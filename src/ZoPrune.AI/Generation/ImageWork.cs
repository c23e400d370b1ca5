namespace ZoPrune.AI.Generation;

/// <summary>
/// Work that a call has done itself for one of its pictures. A picture that comes twice in one call is worked on once, for whichever of
/// both was read first; the first in the conversation reports it.
/// </summary>
/// <param name="times">Where the time went; <see langword="null"/> if its visual tokens were known and only selected among anew.</param>
internal sealed class ImageWork(StageTimes? times)
{
    public StageTimes? Times => times;

    /// <summary>Whether an image of the call has reported it.</summary>
    public bool IsReported { get; set; }
}
