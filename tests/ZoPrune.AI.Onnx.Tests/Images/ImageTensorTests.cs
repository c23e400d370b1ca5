using ZoPrune.AI.Onnx.Images;

namespace ZoPrune.AI.Onnx.Tests.Images;

public class ImageTensorTests
{
    [Fact]
    public void Values_come_back_by_their_type()
    {
        var bytes = new ImageTensor(new byte[] { 1, 2 }, 2);
        var singles = new ImageTensor(new float[] { 1, 2 }, 1, 2);
        var integers = new ImageTensor(new long[] { 3 }, 1, 1, 1);
        Assert.Equal([1, 2], bytes.Bytes.ToArray());
        Assert.Equal([1f, 2f], singles.Singles.ToArray());
        Assert.Equal([3L], integers.Int64s.ToArray());
        Assert.Equal("Float32 [1, 2]", singles.ToString());
        Assert.Throws<InvalidOperationException>(() => bytes.Singles);
        Assert.Throws<InvalidOperationException>(() => singles.Int64s);
        Assert.Throws<InvalidOperationException>(() => integers.Bytes);
    }

    [Fact]
    public void Shape_and_length_must_agree()
    {
        Assert.Throws<ArgumentException>(() => new ImageTensor(new float[5], 2, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ImageTensor(new float[6], -2, -3));
        Assert.Throws<ArgumentException>(() => new RgbImage(2, 2, new byte[11]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RgbImage(0, 2, []));
    }
}
