using SkiaSharp;
using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Onnx.Tests.Images;

public sealed class KeptTokensPictureTests
{
    [Fact]
    public void Kept_cells_keep_their_colour_and_dropped_ones_are_dark()
    {
        var drawn = SKBitmap.Decode(KeptTokensPicture.Draw(White(64, 64), new TokenGrid(2, 2), [0, 3]));

        Assert.Equal((512, 512), (drawn.Width, drawn.Height));
        Assert.Equal(SKColors.White, drawn.GetPixel(128, 128));
        Assert.Equal(SKColors.White, drawn.GetPixel(384, 384));
        Assert.True(drawn.GetPixel(384, 128).Red < 80);
        Assert.True(drawn.GetPixel(128, 384).Red < 80);
    }

    [Theory]
    [InlineData(1, 3000, 1, 3000)]
    [InlineData(10, 1000, 20, 2000)]
    [InlineData(600, 20, 1800, 60)]
    public void Thin_pictures_are_not_blown_up(int width, int height, int drawnWidth, int drawnHeight)
    {
        var drawn = SKBitmap.Decode(KeptTokensPicture.Draw(White(width, height), new TokenGrid(16, 16), [0]));

        Assert.Equal((drawnWidth, drawnHeight), (drawn.Width, drawn.Height));
    }

    [Fact]
    public void A_token_outside_the_grid_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => KeptTokensPicture.Draw(White(8, 8), new TokenGrid(2, 2), [4]));

    private static byte[] White(int width, int height)
    {
        using var bitmap = new SKBitmap(width, height);
        bitmap.Erase(SKColors.White);
        return bitmap.Encode(SKEncodedImageFormat.Png, 100).ToArray();
    }
}
