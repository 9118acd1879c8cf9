#include "providers/chat/rehearsal.hpp"
#include "tests/providers/chat/rehearsal_stage.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/shared_tokenizer.hpp"

using namespace persona_runtime;

namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

struct expectation {
  std::string task;
  std::vector<std::string> parts;  // of the output
  std::string file;                // written, when not empty
};

const std::vector<expectation> english{
  {"What is 17 % of 2,480, and which weekday is 2027-05-17? Write both to answer.txt.",
   {"421.6", "Monday", "answer.txt"},
   "answer.txt"},
  {"Compute 12.5% of 1,960 and save it to result.txt", {"= 245", "result.txt"}, "result.txt"},
  {"How much is 23 percent of 4,310?", {"= 991.3"}, ""},
  {"What day of the week does 14 March 2028 fall on?", {"Tuesday"}, ""},
  {"On which weekday does 2031-01-01 fall? Put that in day.md.", {"Wednesday", "day.md"}, "day.md"},
  {"Work out (37 + 5) * 12, then tell me what day July 3rd, 2027 is. Store both results in "
   "notes/out.txt",
   {"= 504", "Saturday"},
   "notes/out.txt"},
  {"Convert 26.2 miles to kilometres and write it to marathon.txt",
   {"42.1648", "km"},
   "marathon.txt"},
  {"How many km is 10 nautical miles?", {"18.52 km"}, ""},
  {"What is 72 \u00b0F in Celsius?", {"22.2222"}, ""},
  {"Please convert 5 kg to pounds.", {"11.0231"}, ""},
  {"How many minutes are there in 3.5 hours?", {"210 min"}, ""},
  {"How many days are there between 2027-02-01 and 2027-05-17?", {"105 days"}, ""},
  {"What date is 45 days after 2027-03-01?", {"2027-04-15"}, ""},
  {"Which date is two weeks before 1 June 2027? Save it in file when.txt.",
   {"2027-05-18"},
   "when.txt"},
  {"Add 90 days to 2028-01-31.", {"2028-04-30"}, ""},
  {"Into numbers.txt put the square root of 1764 and 2 to the power of 10.",
   {"= 42", "= 1024"},
   "numbers.txt"},
  {"Save to answer.txt: 17 % of 2480; weekday of 2027-05-17", {"421.6", "Monday"}, "answer.txt"},
  {"Write the weekday of 24 Dec 2027 and 15 % of 840 to out/answer.md",
   {"Friday", "= 126"},
   "out/answer.md"},
  {"Add 15, 27 and 42.", {"= 84"}, ""},
  {"What's the average of 3, 5 and 10?", {"= 6"}, ""},
  {"Divide 144 by 12 and multiply the result by 7.", {"= 12", "= 84"}, ""},
  {"Increase 450 by 25 %.", {"= 562.5"}, ""},
  {"What percentage of 180 is 45?", {"= 25 %"}, ""},
  {"Write \"hello harbour\" to greeting.txt", {"greeting.txt"}, "greeting.txt"},
  {"Create a file todo.txt with the text Buy rope", {"todo.txt"}, "todo.txt"},
  {"How many days until 2026-12-24?", {"33 days"}, ""},
  {"What time is it in Tokyo?", {"Asia/Tokyo"}, ""},
  {"Count the words in \"the quick brown fox\".", {": 4"}, ""},
  {"Is 2027-05-17 a Monday?", {"Monday"}, ""},
};

const std::vector<expectation> norwegian{
  {"Hva er 17 % av 2 480, og hvilken ukedag er 17. mai 2027? Skriv begge svarene til svar.txt.",
   {"421.6", "mandag", "svar.txt"},
   "svar.txt"},
  {"Regn ut 25 prosent av 3 600 og lagre det i resultat.txt", {"= 900"}, "resultat.txt"},
  {"Hvor mange dager er det mellom 1. februar 2027 og 17. mai 2027?", {"105 dager"}, ""},
  {"Hvilken dato er 45 dager etter 1. mars 2027?", {"2027-04-15"}, ""},
  {"Hva er kvadratroten av 1764?", {"= 42"}, ""},
  {"Gj\u00f8r om 12,5 miles til km", {"20.1168 km"}, ""},
};

}  // namespace

TEST_CASE("rehearsal: tasks in English, however they are put", "[providers][chat]") {
  for (const expectation& e : english) {
    rehearsal_stage stage;
    const std::string output = stage.run(e.task);
    INFO(e.task << "\n=> " << output);
    for (const std::string& part : e.parts)
      CHECK(has(output, part));
    CHECK(has(output, "stand-in"));
    CHECK_FALSE(has(output, "did not understand"));
    CHECK(stage.questions.empty());
    CHECK(stage.files.size() == (e.file.empty() ? 0 : 1));
    CHECK((e.file.empty() || stage.files.contains(e.file)));
  }
}

TEST_CASE("rehearsal: tasks in Norwegian", "[providers][chat]") {
  for (const expectation& e : norwegian) {
    rehearsal_stage stage;
    const std::string output = stage.run(e.task);
    INFO(e.task << "\n=> " << output);
    for (const std::string& part : e.parts)
      CHECK(has(output, part));
    CHECK(has(output, "reservemodellen"));
    CHECK_FALSE(has(output, "forsto jeg ikke"));
    CHECK((e.file.empty() || stage.files.contains(e.file)));
  }
}

TEST_CASE("rehearsal: plans first, uses the tools, writes what they gave", "[providers][chat]") {
  rehearsal_stage stage;
  stage.run("What is 17 % of 2,480, and which weekday is 2027-05-17? Write both to answer.txt.");
  CHECK(
    has(stage.first_text,
        "1. calculate 17 % of 2,480\n2. find the weekday of 2027-05-17\n3. write to answer.txt\n"));
  CHECK(stage.called
        == std::vector<std::string>{"calculator", "datetime", "calculator", "file_write"});
  CHECK(stage.files["answer.txt"] == "17 % of 2,480 = 421.6\n2027-05-17 is a Monday\n");
}

TEST_CASE("rehearsal: files are read, counted, copied, compared and searched",
          "[providers][chat]") {
  rehearsal_stage stage;
  stage.files = {
    {"notes.txt", "Berth 4 is free.\nBerth 7 is taken."}, {"old.txt", "a"}, {"new.txt", "b"}};
  CHECK(has(stage.run("Read notes.txt and write the number of words to count.txt"), ": 8"));
  CHECK(has(stage.files["count.txt"], ": 8"));
  CHECK(has(stage.run("How many lines are in notes.txt?"), ": 2"));
  CHECK(has(stage.run("What does notes.txt say? Show it."), "Berth 7 is taken."));
  stage.run("Copy notes.txt to backup.txt");
  CHECK(stage.files["backup.txt"] == "Berth 4 is free.\nBerth 7 is taken.\n");
  CHECK(has(stage.run("Compare old.txt with new.txt."), "--- old.txt\n+++ new.txt"));
  CHECK(has(stage.run("How many times does \"Berth\" occur in notes.txt?"), ": 2"));
  CHECK(has(stage.run("Find all numbers in notes.txt"), "4, 7"));
  CHECK(has(stage.run("Replace \"taken\" with \"free\" in notes.txt"), "Berth 7 is free."));
  CHECK(has(stage.run("Read missing.txt"), "no such file: missing.txt"));
}

TEST_CASE("rehearsal: words are replaced in their file, or into the one that is named",
          "[providers][chat]") {
  rehearsal_stage stage;
  stage.files = {{"sign.txt", "Port of Sula, portside\n"}, {"log.txt", "one"}};
  stage.run("In sign.txt, replace the word Port by Harbour and save the file.");
  CHECK(stage.files["sign.txt"] == "Harbour of Sula, portside\n");
  stage.run("Swap 'Sula' for 'Tern' in sign.txt and write the new text to sign2.txt");
  CHECK(stage.files["sign.txt"] == "Harbour of Sula, portside\n");
  CHECK(stage.files["sign2.txt"] == "Harbour of Tern, portside\n");
  CHECK(has(stage.run("Change 'one' to 'a b' in log.txt, then count the words in log.txt"),
            "log.txt as it was before the change"));
  CHECK(stage.files["log.txt"] == "a b\n");
  stage.files["log.txt"] = "one";
  stage.run("Append the line \"two\" to log.txt.");
  CHECK(stage.files["log.txt"] == "one\ntwo");
  stage.run("Append the line \"first\" to new.txt.");
  CHECK(stage.files["new.txt"] == "first");
  CHECK(stage.questions.empty());
}

TEST_CASE("rehearsal: numbers of a file are added up, however many", "[providers][chat]") {
  rehearsal_stage stage;
  std::string many;
  for (int i = 1; i <= 500; ++i)
    many += "item " + std::to_string(i) + "\n";
  stage.files = {{"loads.txt", "12\n7.5\n-30\n2027-01-05 1,250.50 kg at 09:30"},
                 {"many.txt", many}};
  CHECK(
    has(stage.run("Add up the numbers in loads.txt"), "The sum of 4 numbers in loads.txt = 1240"));
  CHECK(has(stage.run("What is the average of the numbers in loads.txt?"), "= 310"));
  CHECK(has(stage.run("Which is the lowest number in loads.txt?"), "= -30"));
  CHECK(has(stage.run("Read loads.txt and tell me the largest number"), "= 1250.50"));
  CHECK(has(stage.run("Sum up the figures in many.txt"), "= 125250"));
  CHECK(has(stage.run("Add up the numbers in missing.txt"), "could not do this"));
  stage.files["words.txt"] = "berth4 none";
  CHECK(has(stage.run("Add up the numbers in words.txt"), "there are no numbers in it"));
  stage.files["too_many.txt"] = many + many + many;
  CHECK(has(stage.run("Add up the numbers in too_many.txt"), "I add at most 1000 numbers"));
}

TEST_CASE("rehearsal: so much for one, so many of them", "[providers][chat]") {
  const std::vector<std::pair<std::string, std::string>> tasks{
    {"A rental car costs 89 euros a day. What do 6 days cost?", "= 534 euros"},
    {"How much are 14 metres at 3.50 euros a metre?", "= 49 euros"},
    {"A crate weighs 18.5 kg. What do 24 crates weigh?", "= 444 kg"},
    {"Eggs cost 0.35 each. What do 12 eggs cost?", "= 4.2"},
    {"3 ropes at 25 euros each and 2 buoys at 40 euros each: what is the total?", "= 155 euros"},
  };
  for (const auto& [task, part] : tasks) {
    rehearsal_stage stage;
    const std::string output = stage.run(task);
    INFO(task << "\n=> " << output);
    CHECK(has(output, part));
    CHECK(stage.questions.empty());
  }
}

TEST_CASE("rehearsal: a time of day is no ratio", "[providers][chat]") {
  rehearsal_stage stage;
  const auto output =
    stage.run("When it is 9:30 pm on 2027-01-10 in Europe/Oslo, what time is it in Tokyo?");
  CHECK(has(output, "21:30 on 2027-01-10 in Europe/Oslo is 05:30 on 2027-01-11 in Asia/Tokyo"));
  CHECK(has(stage.run("The train leaves at 10:15."), "did not understand"));
  CHECK(has(stage.run("What is 10 : 4?"), "= 2.5"));
  rehearsal_stage asked;
  asked.answers = {"UTC"};
  CHECK(has(asked.run("What is 09:30 on 2027-01-10 in Tokyo time?"), "is 18:30"));
  CHECK(asked.questions == std::vector<std::string>{"In which city or time zone is it 09:30?"});
}

TEST_CASE("rehearsal: never passes a copy off as what was asked", "[providers][chat]") {
  for (const std::string task :
       {"Sort the lines of a.txt and write them to b.txt", "Translate a.txt and save it as b.txt",
        "Copy the first line of a.txt to b.txt", "Rename a.txt to b.txt",
        "Double the numbers in a.txt and save them to b.txt",
        "Write the second word of a.txt to b.txt"}) {
    rehearsal_stage stage;
    stage.files = {{"a.txt", "one two\n"}};
    const std::string output = stage.run(task);
    INFO(task << "\n=> " << output);
    CHECK_FALSE(stage.files.contains("b.txt"));
    CHECK(has(output, "did not understand"));
  }
}

TEST_CASE("rehearsal: several files, each with its own results", "[providers][chat]") {
  rehearsal_stage stage;
  stage.run(
    "Calculate 6 times 7 and save it to a.txt. Then work out 100 minus 1 and save it to b.txt.");
  CHECK(stage.files["a.txt"] == "6 times 7 = 42\n");
  CHECK(stage.files["b.txt"] == "100 minus 1 = 99\n");
}

TEST_CASE("rehearsal: asks for what is missing and goes on with the answer", "[providers][chat]") {
  rehearsal_stage unnamed;
  unnamed.answers = {"call it sum.txt please"};
  CHECK(has(unnamed.run("What is 3 + 4? Write the result to a file."), "= 7"));
  CHECK(unnamed.questions == std::vector<std::string>{"What should the file be called?"});
  CHECK(unnamed.files["sum.txt"] == "3 + 4 = 7\n");

  rehearsal_stage percent;
  percent.answers = {"Take 300"};
  CHECK(has(percent.run("Remind me what 15 % of is"), "15 % of 300 = 45"));

  rehearsal_stage year;
  year.answers = {"2027"};
  CHECK(has(year.run("Which weekday is 17 May?"), "Monday"));
  CHECK(has(year.questions.at(0), "year"));

  rehearsal_stage day;
  day.answers = {"It is 2027-05-17"};
  CHECK(has(day.run("Which weekday is my birthday?"), "Monday"));

  rehearsal_stage fee;
  fee.answers = {"14 metres at 3.50 euros a metre"};
  fee.run("Work out the mooring fee for my boat and write it to fee.txt.");
  CHECK(has(fee.questions.at(0), "Which figures make up the mooring fee?"));
  CHECK(has(fee.files["fee.txt"], "= 49 euros"));

  rehearsal_stage vague;
  vague.answers = {"no idea"};
  CHECK(has(vague.run("Work out the mooring fee."), "no calculation in your answer"));

  rehearsal_stage unit;
  unit.answers = {"km"};
  CHECK(has(unit.run("Convert 10 miles"), "16.0934"));
}

TEST_CASE("rehearsal: without an answer it takes a default and says so", "[providers][chat]") {
  rehearsal_stage stage;
  const std::string output = stage.run("What is 3 + 4? Write the result to a file.");
  CHECK(stage.files["answer.txt"] == "3 + 4 = 7\n");
  CHECK(has(output, "You named no file, so I took answer.txt."));
}

TEST_CASE("rehearsal: says honestly what it cannot do", "[providers][chat]") {
  for (const std::string task :
       {"Write a poem about the sea.", "Book me a flight to Rome", "hello there", "", "???"}) {
    rehearsal_stage stage;
    const std::string output = stage.run(task);
    INFO(task << "\n=> " << output);
    CHECK(has(output, "cannot carry out this task"));
    CHECK(has(output, "stand-in"));
    CHECK(stage.called.empty());
  }
  rehearsal_stage half;
  const std::string output = half.run("What is 6 * 7, and book me a flight to Rome?");
  CHECK(has(output, "= 42"));
  CHECK(has(output, "did not understand this part: \"book me a flight to Rome\""));
}

TEST_CASE("rehearsal: says which tool is not offered", "[providers][chat]") {
  rehearsal_stage stage;
  stage.tools = {"calculator"};
  const std::string output = stage.run("What is 6 * 7? Write it to a.txt.");
  CHECK(has(output, "= 42"));
  CHECK(has(output, "file_write, which is not offered"));
  CHECK(stage.files.empty());
}

TEST_CASE("rehearsal: a tool's error is told, the rest is delivered", "[providers][chat]") {
  rehearsal_stage stage;
  const std::string output = stage.run("What is 1 / 0, and what is 2 + 2?");
  CHECK(has(output, "could not do this: 1 / 0"));
  CHECK(has(output, "2 + 2 = 4"));
}

TEST_CASE("rehearsal: hostile tasks end", "[providers][chat]") {
  rehearsal_stage stage;
  CHECK(has(stage.run(std::string(60'000, '(') + "1"), "stand-in"));
  CHECK(has(stage.run(std::string(60'000, '\xff')), "stand-in"));
  std::string many;
  for (int i = 0; i < 3000; ++i)
    many += "2 ^ ";
  CHECK(has(stage.run(many + "2"), "stand-in"));
  std::string sums;
  for (int i = 0; i < 5000; ++i)
    sums += "1 + ";
  CHECK(has(stage.run(sums + "1"), "stand-in"));
}

TEST_CASE("rehearsal: in a chat there are no markers, and an answer goes with its question",
          "[providers][chat]") {
  chat_request request;
  request.context = {a_message(role::system, "You are Mira."),
                     a_message(role::user, "Convert 10 miles")};
  const std::string question = rehearsal::rehearse(request).text;
  CHECK(question == "Into which unit should I convert 10 miles?");
  request.context.push_back(a_message(role::assistant, question));
  request.context.push_back(a_message(role::user, "km"));
  request.tools =
    std::make_shared<std::vector<tool_definition>>(1, tool_definition{"calculator", "", "{}"});
  const auto reply = rehearsal::rehearse(request);
  REQUIRE(reply.calls.size() == 1);
  CHECK(has(reply.calls[0].arguments, "1609.344"));
  request.context.push_back(a_message(role::assistant, "16.09 km"));
  request.context.push_back(a_message(role::user, "What is 6 * 7?"));
  CHECK(has(rehearsal::rehearse(request).calls.at(0).arguments, "6 * 7"));
  request.choice = tool_choice::none;
  CHECK(has(rehearsal::rehearse(request).text, "calculator, which is not offered"));
  CHECK_FALSE(has(rehearsal::rehearse(request).text, "[FINAL]"));
}

TEST_CASE("rehearsal: the provider streams its text and counts what it uses", "[providers][chat]") {
  io_thread thread;
  const auto provider = make_rehearsal_provider(shared_tokenizer_ptr(), thread);
  const auto recorder = std::make_shared<call_recorder>();
  chat_request request;
  request.context = {a_message(role::user, "hello there")};
  request.sink = recorder;
  const auto call = provider->start(request, recorder->done());
  const auto reply = recorder->wait();
  REQUIRE(reply.has_value());
  CHECK(recorder->texts.size() > 3);
  std::string streamed;
  for (const std::string& text : recorder->texts)
    streamed += text;
  CHECK(streamed == reply->text);
  CHECK(reply->usage.completion == shared_tokenizer().count(reply->text));
  CHECK_FALSE(reply->usage.estimated);
}

TEST_CASE("rehearsal: summaries are short and name the task", "[providers][chat]") {
  chat_request request;
  request.purpose = call_purpose::summary;
  request.context = {a_message(role::system, "Summarise."),
                     a_message(role::user, "user: add 1 and 2\nassistant: \ntool: 3")};
  const std::string text = rehearsal::rehearse(request).text;
  CHECK(has(text, "add 1 and 2"));
  CHECK(has(text, "- 3"));
  CHECK(text.size() < 400);
}

TEST_CASE("rehearsal: words that lean on what stands before them", "[providers][chat]") {
  rehearsal_stage stage;
  stage.files["notes.txt"] = "Berth 4 is free.";
  stage.run("Read notes.txt, count its words and write the count to n.txt.");
  CHECK(stage.files["n.txt"] == "words in notes.txt: 4\n");
  stage.run("Write the first result to a.txt and the second to b.txt: 2 + 2 and 3 * 3.");
  CHECK(stage.files["a.txt"] == "2 + 2 = 4\n");
  CHECK(stage.files["b.txt"] == "3 * 3 = 9\n");
  CHECK(has(stage.run("My boat is 42 feet long. How long is that in metres?"), "12.8016 m"));
  CHECK(
    has(stage.run("Write \"The berth is free\" to note.txt, then count the words in it."), ": 4"));
  CHECK(has(stage.run("Calculate 25 % VAT on 1,299."), "= 324.75"));
  CHECK(has(stage.run("What's 2 to the 8th power?"), "= 256"));
  CHECK(has(stage.run("What is two hundred and fifty plus fifty?"), "= 300"));
  CHECK(has(stage.run("What's 3/8 of 640?"), "= 240"));
  stage.run("Note the weekday of 1 March 2028 in day.txt and 45*12 in prod.txt");
  CHECK(stage.files["day.txt"] == "1 March 2028 is a Wednesday\n");
  CHECK(stage.files["prod.txt"] == "45*12 = 540\n");
  CHECK(has(stage.run("Remind me tomorrow to call the pilot"), "cannot carry out this task"));
}
