namespace ZoPrune.AI;

/// <summary>How much is kept in memory between calls, so that a picture seen before and a conversation that goes on cost little.</summary>
/// <remarks>
/// <para>
/// What is kept is to decide on nothing but time: answers are the same with and without but for the rounding of floating-point numbers,
/// since a prompt in two runs is added up in another order than in one. It lies in memory only, belongs to the model, and is freed when
/// the last client of the model with the same limits is disposed of (with dependency injection: its service provider).
/// </para>
/// <para>
/// Clients of one process that open the same folder with the same limits share it; clients with other limits have both limits for
/// themselves, beside the others. A picture or a beginning of a conversation that another
/// user's call brought before is then answered sooner, from which somebody who measures could conclude that it was there. Where users must
/// not learn even that of each other, set both to 0.
/// </para>
/// </remarks>
public sealed class CachingOptions
{
    /// <summary>
    /// The most bytes of visual tokens of pictures that were seen before, at least 0. Default 256 MiB; one picture takes its visual tokens
    /// times the text width times 4 bytes (256 tokens of width 2560: 2.5 MiB). 0: every picture is decoded and encoded each time.
    /// </summary>
    /// <remarks>
    /// A picture is known by the hash of its bytes, so it may come back in any way; files and addresses are read again each time. The
    /// selections that were made of it are kept as well, and with other pruning settings a new one is made from what is there.
    /// </remarks>
    public long VisionFeatureBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>
    /// The most bytes of keys and values of conversations that may go on, at least 0. Default 512 MiB; a token takes layers times key/value
    /// heads times head size times 2, times the bytes of a number (36 layers with 2 heads of 128 half floats: 36 KiB, so that 512 MiB hold
    /// 14,500 tokens). 0: every prompt is computed whole.
    /// </summary>
    /// <remarks>
    /// <para>
    /// Conversations that are being answered do not count: theirs belong to the call. One that is larger than the limit by itself is kept
    /// up to where it fits, and computed from there on at each turn; the log says so once.
    /// </para>
    /// <para>
    /// Some models gain less (<see cref="Onnx.VisionLanguageModel.NoPrefixReuseReason"/>): a few compute every prompt whole, which the log
    /// says as well, and those with states or sliding windows of a fixed size can only go on where a conversation ended, not branch off
    /// before. Of these, one above the limit is not kept at all.
    /// </para>
    /// </remarks>
    public long KeyValueBytes { get; set; } = 512L * 1024 * 1024;

    internal CachingOptions Clone() => (CachingOptions)MemberwiseClone();
}
