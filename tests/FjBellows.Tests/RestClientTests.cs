using System.Net;
using System.Text;
using FjBellows.Providers;
using FjBellows.Providers.Rest;
using Microsoft.Extensions.Time.Testing;

namespace FjBellows.Tests.Providers;

public sealed class RestClientTests
{
    private const string Token = "token-0123456789";

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 24, 10, 0, 0, TimeSpan.Zero));

    [Fact]
    [Trait("Invariant", "S4")]
    [Trait("Invariant", "S10")]
    public async Task Values_that_were_sent_and_control_characters_are_in_no_message()
    {
        const string Key = "-----BEGIN KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAE\n-----END KEY-----";
        var echo = Convert.ToBase64String(Encoding.UTF8.GetBytes(Key));

        var failure = await FailureAsync(
            HttpStatusCode.BadRequest, $"Invalid value: {Key} or {echo[..40]} with {Token}\u001b[31m\r\nforged line",
            """{"user_data":"-----BEGIN KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAE\n-----END KEY-----"}""");

        failure.ToString().ShouldNotContain("b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAE");
        failure.ToString().ShouldNotContain(echo[..40]);
        failure.ToString().ShouldNotContain(Token);
        failure.Message.ShouldContain("Invalid value: *** or ***");
        failure.Message.ShouldNotContain("\n");
        failure.Message.ShouldNotContain("\u001b");
    }

    /// <summary>However a cloud writes it, nothing of a value that was sent is left, not even the lines that are too short to be known
    /// alone.</summary>
    [Theory]
    [InlineData("first line +short\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAE\nlast <one>")]
    [InlineData("first line +short\r\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAE\r\nlast <one>")]
    [InlineData("first line +short b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAE last <one>")]
    [InlineData("first line \\u002Bshort\\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAE\\nlast \\u003Cone\\u003E")]
    [InlineData("first line +short\\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAE\\nlast <one>")]
    [Trait("Invariant", "S4")]
    public void A_value_of_many_lines_is_taken_out_whole(string written) =>
        SentValues.Redact(
            $"refused: {written}.", ["""{"user_data":"first line +short\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAE\nlast <one>"}"""])
            .ShouldBe("refused: ***.");

    [Theory]
    [InlineData(302, CloudErrorKind.Transient)]
    [InlineData(400, CloudErrorKind.InvalidConfig)]
    [InlineData(401, CloudErrorKind.Auth)]
    [InlineData(403, CloudErrorKind.Auth)]
    [InlineData(404, CloudErrorKind.Transient)]
    [InlineData(408, CloudErrorKind.Transient)]
    [InlineData(409, CloudErrorKind.Conflict)]
    [InlineData(429, CloudErrorKind.RateLimited)]
    [InlineData(500, CloudErrorKind.Transient)]
    [Trait("Invariant", "R2")]
    public async Task A_status_without_the_vendors_words_has_its_usual_meaning(int status, CloudErrorKind kind) =>
        (await FailureAsync((HttpStatusCode)status, "<html>", "")).Kind.ShouldBe(kind);

    [Fact]
    [Trait("Invariant", "S11")]
    public async Task An_answer_above_the_limit_is_not_read_to_its_end() =>
        (await FailureAsync(HttpStatusCode.OK, new string('x', 4 * 1024 * 1024 + 1), "")).Message.ShouldContain("more than 4194304 bytes");

    [Fact]
    [Trait("Invariant", "W2")]
    public async Task A_connection_that_was_refused_has_sent_nothing()
    {
        using var client = new RestClient(Settings(new Uri("http://127.0.0.1:9")), TimeProvider.System);

        var failure = await Should.ThrowAsync<CloudException>(() => client.SendAsync(RestCall.Get("x", Budget()), default));

        (failure.Kind, failure.MayHaveTakenEffect).ShouldBe((CloudErrorKind.Transient, false));
        failure.Message.ShouldContain("it was not sent");
    }

    [Fact]
    [Trait("Invariant", "R2")]
    public void A_pause_is_read_from_seconds_dates_and_resets()
    {
        using var response = new HttpResponseMessage();
        RetryAfter.Of(response.Headers, _clock).ShouldBeNull();
        response.Headers.Add(
            "RateLimit-Reset", (_clock.GetUtcNow().ToUnixTimeSeconds() + 50).ToString(System.Globalization.CultureInfo.InvariantCulture));
        RetryAfter.Of(response.Headers, _clock).ShouldBe(TimeSpan.FromSeconds(50));
        response.Headers.RetryAfter = new(_clock.GetUtcNow() + TimeSpan.FromSeconds(20));
        RetryAfter.Of(response.Headers, _clock).ShouldBe(TimeSpan.FromSeconds(20));
        response.Headers.RetryAfter = new(TimeSpan.FromSeconds(7));
        RetryAfter.Of(response.Headers, _clock).ShouldBe(TimeSpan.FromSeconds(7));
    }

    [Fact]
    [Trait("Invariant", "W11")]
    public async Task A_list_that_moves_while_it_is_read_is_read_again_and_one_without_end_fails()
    {
        var reads = 0;
        var all = await Pager.AllAsync<int, int>(
            "GET x",
            page => Task.FromResult<RestPage<int>?>(page is null ? new([1, 2], "2", reads++ == 0 ? 3 : 4) : new([2, 3, 4], null, 4)),
            item => item);
        all.ShouldBe([1, 2, 3, 4]);

        await Should
            .ThrowAsync<CloudException>(
                () => Pager.AllAsync<int, int>("GET x", _ => Task.FromResult<RestPage<int>?>(new([1], "again", null)), item => item));
        await Should
            .ThrowAsync<CloudException>(
                () => Pager.AllAsync<int, int>(
                    "GET x", page => Task.FromResult(page is null ? new RestPage<int>([1], "2", 2) : null), item => item));
    }

    private static RestSettings Settings(Uri url) => new()
    {
        Vendor = "Example",
        Url = url,
        Token = new Secret(Token),
        Refusal = a => new RestRefusal(new RefusalTable().KindOf(a.Status, "", ""), Encoding.UTF8.GetString(a.Body.Span)),
    };

    private RequestBudget Budget() => new("requests", 10, TimeSpan.FromMinutes(1), _clock);

    private async Task<CloudException> FailureAsync(HttpStatusCode status, string answer, string body)
    {
        using var handler = new Answers(status, answer);
        using var client = new RestClient(Settings(new Uri("https://cloud.example")), _clock, handler);
        return await Should
            .ThrowAsync<CloudException>(
                () => client.SendAsync(new RestCall(HttpMethod.Post, "servers", Budget()) { Body = body }, default));
    }

    private sealed class Answers(HttpStatusCode status, string text) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(status) { Content = new StringContent(text) });
    }
}
