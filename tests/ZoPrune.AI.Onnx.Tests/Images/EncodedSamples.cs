namespace ZoPrune.AI.Onnx.Tests.Images;

/// <summary>Small encoded pictures of kinds that the zoo does not have.</summary>
internal static class EncodedSamples
{
    /// <summary>24 x 16 pixels, progressive, quality 40, no chroma sub-sampling (cjpeg of libjpeg-turbo).</summary>
    public static byte[] ProgressiveJpeg { get; } = Convert.FromBase64String(
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7gYKBTmCNl4x9lnN+" +
        "gXz/2wBDARUXFx4aHjshITt8U0ZTfHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHz/wgARCAAQABgDAREAAhEB" +
        "AxEB/8QAFgABAQEAAAAAAAAAAAAAAAAAAwEF/8QAGAEBAAMBAAAAAAAAAAAAAAAAAwABAgX/2gAMAwEAAhADEAAAAc3FNFaNT5bsrU3/xAAXEAADAQAA" +
        "AAAAAAAAAAAAAAAAAQIS/9oACAEBAAEFAlIpFApFJk//xAAWEQEBAQAAAAAAAAAAAAAAAAACAAH/2gAIAQMBAT8BxWKx2KxRV//EABsRAAIBBQAAAAAA" +
        "AAAAAAAAAAABAgMQERIh/9oACAECAQE/Ac21ExEqihw//8QAFBABAAAAAAAAAAAAAAAAAAAAIP/aAAgBAQAGPwJf/8QAFxAAAwEAAAAAAAAAAAAAAAAA" +
        "AAERIP/aAAgBAQABPyHKnqD/2gAMAwEAAgADAAAAEISJv//EABYRAAMAAAAAAAAAAAAAAAAAAAARIP/aAAgBAwEBPxCfnYf/xAAXEQADAQAAAAAAAAAA" +
        "AAAAAAAAAREh/9oACAECAQE/ENEposLR1is//8QAGBABAQEBAQAAAAAAAAAAAAAAAGEBESH/2gAIAQEAAT8Qkmkgiy8c7r//2Q==");

    /// <summary>24 x 16 pixels, one component, quality 60 (cjpeg of libjpeg-turbo).</summary>
    public static byte[] GreyJpeg { get; } = Convert.FromBase64String(
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpR" +
        "Uk//wAALCAAQABgBAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJx" +
        "FDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZ" +
        "mqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/AOJgsM44rSg0/p8taUGm9Plp9tYd" +
        "OK17bT+nFaUdosZA25b0r//Z");

    /// <summary>One pixel of colour (255, 0, 16).</summary>
    public static byte[] Gif { get; } =
    [
        .. "GIF89a"u8, 1, 0, 1, 0, 0x80, 0, 0, 255, 0, 16, 0, 0, 0, 0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 0x01, 0, 0x3B,
    ];

    /// <summary>2 x 2 pixels, 24 bits, bottom-up, with the values 1 to 12.</summary>
    public static byte[] Bitmap() =>
    [
        .. "BM"u8, 70, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 1, 0, 24, 0, 0, 0, 0, 0, 16, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        9, 8, 7, 12, 11, 10, 0, 0,
        3, 2, 1, 6, 5, 4, 0, 0,
    ];
}
