using ZoPrune.AI.Caching;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Generation;

/// <summary>What came of one image of a call.</summary>
/// <param name="Key">What it is known by; <see langword="null"/> if nothing is kept.</param>
/// <param name="Image">Its visual tokens.</param>
/// <param name="Result">Which of them stay.</param>
/// <param name="ReadTime">How long it took to read its bytes.</param>
/// <param name="Work">What was done for it; <see langword="null"/> if it was known, or is made for another image or call.</param>
internal sealed record ReadImage(ImageKey? Key, CachedImage Image, PruningResult Result, TimeSpan ReadTime, ImageWork? Work);
