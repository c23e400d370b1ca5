namespace ZoPrune.AI.Onnx.Images.Resampling;

/// <summary>A resampling filter of Pillow: a kernel that is zero outside [-support, support].</summary>
internal sealed class ResampleFilter
{
    private readonly Func<double, double> _kernel;

    private ResampleFilter(double support, Func<double, double> kernel)
    {
        Support = support;
        _kernel = kernel;
    }

    /// <summary>The triangle, support 1.</summary>
    public static ResampleFilter Linear { get; } = new(1, Triangle);

    /// <summary>Keys' cubic convolution with a = -0.5, support 2.</summary>
    public static ResampleFilter Cubic { get; } = new(2, CubicConvolution);

    /// <summary>Sinc windowed by sinc, support 3.</summary>
    public static ResampleFilter Lanczos3 { get; } = new(3, TruncatedSinc);

    /// <summary>The mean of the pixels that an output pixel covers, support 1/2.</summary>
    public static ResampleFilter Box { get; } = new(0.5, Rectangle);

    /// <summary>Sinc windowed by a Hamming window, support 1.</summary>
    public static ResampleFilter Hamming { get; } = new(1, HammingSinc);

    /// <summary>Half the width of the kernel, in source pixels, when an image is enlarged.</summary>
    public double Support { get; }

    public double Evaluate(double x) => _kernel(x);

    private static double Triangle(double x)
    {
        x = Math.Abs(x);
        return x < 1 ? 1 - x : 0;
    }

    private static double CubicConvolution(double x)
    {
        const double a = -0.5;
        x = Math.Abs(x);
        if (x < 1)
        {
            return ((((a + 2) * x) - (a + 3)) * x * x) + 1;
        }

        return x < 2 ? ((((x - 5) * x) + 8) * x - 4) * a : 0;
    }

    private static double Rectangle(double x) => x is > -0.5 and <= 0.5 ? 1 : 0;

    private static double HammingSinc(double x)
    {
        x = Math.Abs(x);
        return x >= 1 ? 0 : Sinc(x) * (0.54 + (0.46 * Math.Cos(x * Math.PI)));
    }

    private static double TruncatedSinc(double x) => x is >= -3 and < 3 ? Sinc(x) * Sinc(x / 3) : 0;

    private static double Sinc(double x)
    {
        if (x == 0)
        {
            return 1;
        }

        x *= Math.PI;
        return Math.Sin(x) / x;
    }
}
