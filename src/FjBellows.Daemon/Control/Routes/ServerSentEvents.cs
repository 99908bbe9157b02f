using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using FjBellows.Daemon.Control.Events;
using Microsoft.AspNetCore.Http;

namespace FjBellows.Daemon.Control.Routes;

/// <summary>Sends what a reader reads as server-sent events, until the caller leaves, the daemon stops, or the caller does not keep
/// up.</summary>
internal static class ServerSentEvents
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    /// <summary>Sends.</summary>
    /// <typeparam name="T">What is read.</typeparam>
    /// <typeparam name="TInfo">What is sent.</typeparam>
    /// <param name="context">The request.</param>
    /// <param name="reader">The reader; it is disposed of.</param>
    /// <param name="type">The events' type.</param>
    /// <param name="view">What is sent of a thing, with its id.</param>
    /// <param name="stopping">Cancelled when the daemon stops.</param>
    public static async Task SendAsync<T, TInfo>(
        HttpContext context, StreamReader<T> reader, string type, Func<Numbered<T>, (string Id, TInfo Info)> view,
        JsonTypeInfo<TInfo> json, TimeProvider time, CancellationToken stopping)
    {
        using (reader)
        using (var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, reader.Dropped, stopping))
        {
            try
            {
                context.Response.ContentType = "text/event-stream";
                context.Response.Headers.CacheControl = "no-store";
                context.Response.Headers["X-Accel-Buffering"] = "no";
                await CommentAsync(context, "retry: 1000\n\n", end.Token).ConfigureAwait(false);
                foreach (var numbered in reader.Backlog)
                {
                    Write(context, type, view(numbered), json);
                }

                await context.Response.BodyWriter.FlushAsync(end.Token).ConfigureAwait(false);
                await FollowAsync(context, reader, type, view, json, time, end.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                if (reader.Dropped.IsCancellationRequested)
                {
                    // It may never read what is buffered for it.
                    context.Abort();
                }
            }
        }
    }

    private static async Task FollowAsync<T, TInfo>(
        HttpContext context, StreamReader<T> reader, string type, Func<Numbered<T>, (string Id, TInfo Info)> view,
        JsonTypeInfo<TInfo> json, TimeProvider time, CancellationToken end)
    {
        Task<bool>? waiting = null;
        while (true)
        {
            waiting ??= reader.Live.WaitToReadAsync(end).AsTask();
            if (await Task.WhenAny(waiting, Task.Delay(KeepAlive, time, end)).ConfigureAwait(false) != waiting)
            {
                end.ThrowIfCancellationRequested();
                await CommentAsync(context, ":\n\n", end).ConfigureAwait(false);
                continue;
            }

            if (!await waiting.ConfigureAwait(false))
            {
                return;
            }

            waiting = null;
            while (reader.Live.TryRead(out var numbered))
            {
                Write(context, type, view(numbered), json);
                await context.Response.BodyWriter.FlushAsync(end).ConfigureAwait(false);
            }
        }
    }

    private static async Task CommentAsync(HttpContext context, string text, CancellationToken end)
    {
        Write(context, text);
        await context.Response.BodyWriter.FlushAsync(end).ConfigureAwait(false);
    }

    private static void Write<TInfo>(HttpContext context, string type, (string Id, TInfo Info) sent, JsonTypeInfo<TInfo> json)
    {
        Write(context, $"id: {sent.Id}\nevent: {type}\ndata: ");
        var body = context.Response.BodyWriter;
        var bytes = JsonSerializer.SerializeToUtf8Bytes(sent.Info, json);
        bytes.CopyTo(body.GetSpan(bytes.Length));
        body.Advance(bytes.Length);
        Write(context, "\n\n");
    }

    private static void Write(HttpContext context, string text) => Encoding.UTF8.GetBytes(text, context.Response.BodyWriter);
}
