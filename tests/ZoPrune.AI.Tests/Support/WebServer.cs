using System.Net;
using System.Net.Sockets;

namespace ZoPrune.AI.Tests.Support;

/// <summary>A web server on the loopback address.</summary>
public sealed class WebServer : IDisposable
{
    private readonly HttpListener _listener = new();

    public WebServer(Func<HttpListenerContext, Task> answer)
    {
        Port = FreePort();
        Origin = "http://127.0.0.1:" + Port;
        _listener.Prefixes.Add(Origin + "/");
        _listener.Start();
        _ = Task.Run(async () =>
        {
            while (true)
            {
                HttpListenerContext context;
                try
                {
                    context = await _listener.GetContextAsync();
                }
                catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
                {
                    return;
                }

                Requests.Add(context.Request.RawUrl!);
                _ = Task.Run(async () =>
                {
                    try
                    {
                        await answer(context);
                        context.Response.Close();
                    }
                    catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
                    {
                        // The client has left.
                    }
                });
            }
        });
    }

    public string Origin { get; }

    public int Port { get; }

    public System.Collections.Concurrent.ConcurrentBag<string> Requests { get; } = [];

    public Uri At(string path) => new(Origin + path);

    public void Dispose() => ((IDisposable)_listener).Dispose();

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
