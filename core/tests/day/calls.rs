use talon_core::testing::{given::given, samples::*};

#[test]
fn a_customer_is_issued_a_number_called_served_and_done() {
    let hall = given([opens(anna(), WINDOW_1), takes(1, LETTERS), takes(2, PENSIONS), takes(3, LETTERS)]);
    let numbers: Vec<&str> = hall.day.tickets.values().map(|it| it.number.as_str()).collect();
    assert_eq!(numbers, ["А001", "В001", "А002"]);
    let hall = hall.later(60).when(calls_next(anna(), WINDOW_1)).then_only("ticket.called");
    let hall = hall.later(20).when(starts(anna(), 1)).then_only("service.started");
    let hall = hall.later(200).when(completes(anna(), 1)).then_only("service.completed");
    assert_eq!(hall.day.tallies.served, 1);
    assert_eq!(hall.day.tallies.service_times[&service(LETTERS)], (1, 200));
    assert_eq!(hall.day.windows[&window(WINDOW_1)].ticket, None);
}
