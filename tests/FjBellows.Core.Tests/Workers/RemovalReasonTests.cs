using FjBellows.Workers.Reasons;

namespace FjBellows.Tests.Workers;

public sealed class RemovalReasonTests
{
    [Fact]
    public void Every_reason_has_a_text_and_a_code_of_its_own()
    {
        var reasons = typeof(RemovalReason).GetNestedTypes().Where(t => t.IsSubclassOf(typeof(RemovalReason))).Select(type =>
        {
            var parameters = type.GetConstructors()[0].GetParameters();
            return (RemovalReason)type.GetConstructors()[0].Invoke([.. parameters.Select(p =>
                p.ParameterType == typeof(string) ? (object)"detail" : Activator.CreateInstance(p.ParameterType)!)]);
        }).ToArray();
        reasons.Length.ShouldBeGreaterThan(15);
        reasons.Select(r => r.Code).ShouldBeUnique();
        reasons.ShouldAllBe(r => r.ToString().Length > 5 && System.Text.RegularExpressions.Regex.IsMatch(r.Code, "^[a-z]+(_[a-z]+)*$"));
    }
}
