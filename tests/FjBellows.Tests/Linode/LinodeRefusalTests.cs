using FjBellows.Providers;
using FjBellows.Providers.Linode.Api;
using FjBellows.Providers.Rest;

namespace FjBellows.Tests.Linode;

/// <summary>Linode's sentences, as they were seen, in the library's words.</summary>
public sealed class LinodeRefusalTests
{
    [Theory]
    [InlineData(400, null, "Account Limit reached. Please open a support ticket.", CloudErrorKind.QuotaExceeded)]
    [InlineData(
        403, null,
        "The Linode plan you chose is not currently available in the selected region. Please select another region or plan type, or " +
        "contact Support for assistance.", CloudErrorKind.CapacityOut)]
    [InlineData(400, "type", "This plan is not available in the selected region", CloudErrorKind.CapacityOut)]
    [InlineData(400, "label", "Label must be unique among your linodes", CloudErrorKind.Conflict)]
    [InlineData(400, null, "Linode busy.", CloudErrorKind.Conflict)]
    [InlineData(423, null, "Resource is unavailable", CloudErrorKind.Conflict)]
    [InlineData(400, "type", "A valid plan type by that ID was not found", CloudErrorKind.InvalidConfig)]
    [InlineData(400, "root_pass", "Password does not meet strength requirements", CloudErrorKind.InvalidConfig)]
    [InlineData(401, null, "Invalid Token", CloudErrorKind.Auth)]
    [InlineData(401, null, "Your OAuth token is not authorized to use this endpoint.", CloudErrorKind.Auth)]
    [InlineData(403, null, "Unauthorized", CloudErrorKind.Auth)]
    [InlineData(404, null, "Not found", CloudErrorKind.NotFound)]
    [InlineData(408, null, "Request timed out", CloudErrorKind.Transient)]
    [InlineData(429, null, "Too many requests", CloudErrorKind.RateLimited)]
    [InlineData(500, null, "Internal Server Error", CloudErrorKind.Transient)]
    [InlineData(503, null, "This API is in maintenance mode; the account limit is not the reason", CloudErrorKind.Transient)]
    [Trait("Invariant", "R2")]
    public void A_sentence_says_what_to_do_next(int status, string? field, string reason, CloudErrorKind kind)
    {
        var refusal = new LinodeRefusal(status, [new LinodeError(reason, field)], "");

        refusal.Kind.ShouldBe(kind);
        refusal.Message.ShouldContain(reason);
    }

    [Theory]
    [InlineData("placement_group.id", "The placement group has reached its maximum capacity", true, false)]
    [InlineData(null, "Placement group is full", true, false)]
    [InlineData("placement_group.id", "Placement Group ID: 0 not found", false, true)]
    [InlineData("placement_group.id", "Placement group must be in the same region", false, false)]
    [InlineData(null, "Firewall ID: 0 not found", false, true)]
    [InlineData("firewall_id", "Invalid", false, true)]
    [InlineData("region", "region is not valid", false, false)]
    public void A_full_group_and_a_missing_network_are_told_from_the_rest(string? field, string reason, bool full, bool misses)
    {
        var refusal = new LinodeRefusal(400, [new LinodeError(reason, field)], "");

        refusal.IsPlacementGroupFull.ShouldBe(full);
        refusal.MissesNetwork.ShouldBe(misses);
    }

    [Fact]
    [Trait("Invariant", "W7")]
    public void A_404_without_linodes_words_proves_no_absence()
    {
        var page = "<html>" + new string('x', 500);

        var refusal = new LinodeRefusal(404, LinodeRefusal.ReadErrors(Answer(page)), Answer(page).Excerpt());

        refusal.Kind.ShouldBe(CloudErrorKind.Transient);
        refusal.Message.Length.ShouldBeLessThan(300);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"errors\": null}")]
    [InlineData("{\"errors\": \"many\"}")]
    [InlineData("{\"errors\": [{\"field\": \"label\"}]}")]
    public void A_body_without_reasons_has_no_errors(string body) =>
        LinodeRefusal.ReadErrors(Answer(body)).ShouldBeEmpty();

    private static RestAnswer Answer(string body) => new(404, System.Text.Encoding.UTF8.GetBytes(body), new HttpResponseMessage().Headers);
}
