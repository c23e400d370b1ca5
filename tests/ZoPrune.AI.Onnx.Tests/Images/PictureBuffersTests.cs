using System.Buffers;
using System.Runtime.InteropServices;
using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Images;

public class PictureBuffersTests
{
    // Of a length that nothing else here asks for.
    private const int Length = (1 << 19) + 3;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    public void Memory_has_the_length_that_was_asked_for(int length)
    {
        using var buffers = new PictureBuffers();
        Assert.Equal(length, PictureBuffers.Take<float>(buffers, length).Length);
        Assert.Equal(length, PictureBuffers.TakeCleared<byte>(buffers, length).Length);
        Assert.Equal(length, ArrayOf(PictureBuffers.Take<float>(owner: null, length)).Length);
        Assert.Equal(length, ArrayOf(PictureBuffers.TakeCleared<byte>(owner: null, length)).Length);
    }

    [Fact]
    public void Cleared_memory_is_clear_whatever_was_in_it()
    {
        DirtyPool.Fill<float>();
        using var buffers = new PictureBuffers();
        Assert.False(PictureBuffers.TakeCleared<float>(buffers, 5000).Span.ContainsAnyExcept(0f));
        Assert.False(PictureBuffers.TakeCleared<float>(owner: null, 5000).Span.ContainsAnyExcept(0f));
    }

    [Fact]
    public void No_array_is_given_back_twice()
    {
        var buffers = new PictureBuffers();
        var array = ArrayOf(PictureBuffers.Take<decimal>(buffers, Length));
        buffers.GiveBackAllBut([]);
        buffers.Dispose();
        buffers.Dispose();

        var (first, second) = (ArrayPool<decimal>.Shared.Rent(Length), ArrayPool<decimal>.Shared.Rent(Length));
        Assert.Same(array, first);
        Assert.NotSame(first, second);
    }

    [Fact]
    public void What_tensors_lie_in_is_given_back_last()
    {
        var buffers = new PictureBuffers();
        var (kept, other) = (PictureBuffers.Take<long>(buffers, Length), PictureBuffers.Take<long>(buffers, Length));
        buffers.GiveBackAllBut([new ImageTensor(kept[..2], 2), new ImageTensor(new float[] { 1 }, 1)]);
        var rented = ArrayPool<long>.Shared.Rent(Length);
        Assert.Same(ArrayOf(other), rented);

        buffers.Dispose();
        Assert.Same(ArrayOf(kept), ArrayPool<long>.Shared.Rent(Length));
    }

    [Fact]
    public void Nothing_is_taken_behind_its_end()
    {
        var buffers = new PictureBuffers();
        buffers.Dispose();
        Assert.Throws<ObjectDisposedException>(() => PictureBuffers.Take<byte>(buffers, 1));
    }

    [Fact]
    public void The_pool_does_not_hold_on_to_very_large_arrays()
    {
        // What the pool gives is as long as a power of two.
        using var buffers = new PictureBuffers();
        Assert.Equal(1024, ArrayOf(PictureBuffers.Take<byte>(buffers, 1000)).Length);
        Assert.Equal(PictureBuffers.MostBytes + 1, ArrayOf(PictureBuffers.Take<byte>(buffers, PictureBuffers.MostBytes + 1)).Length);
    }

    private static T[] ArrayOf<T>(Memory<T> memory)
    {
        Assert.True(MemoryMarshal.TryGetArray<T>(memory, out var segment));
        return segment.Array!;
    }
}
