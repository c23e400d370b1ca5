using System.Runtime.InteropServices;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Native;

/// <summary>What a function of GenAI returns: nothing, or an error that has to be freed.</summary>
internal static unsafe class GenAIResult
{
    /// <summary>Turns an error into an exception and frees it.</summary>
    /// <param name="result">What the function returned.</param>
    /// <param name="function">Its name.</param>
    /// <exception cref="OnnxRuntimeGenAIException">The result is an error.</exception>
    public static void Check(nint result, string function)
    {
        if (result == 0)
        {
            return;
        }

        string message;
        try
        {
            message = Marshal.PtrToStringUTF8((nint)NativeMethods.OgaResultGetError(result)) ?? "";
        }
        finally
        {
            NativeMethods.OgaDestroyResult(result);
        }

        throw new OnnxRuntimeGenAIException(function, message);
    }

    /// <summary>Copies a text that GenAI allocated for the caller, and frees it.</summary>
    public static string Take(byte* text)
    {
        try
        {
            return Marshal.PtrToStringUTF8((nint)text) ?? "";
        }
        finally
        {
            NativeMethods.OgaDestroyString(text);
        }
    }
}
